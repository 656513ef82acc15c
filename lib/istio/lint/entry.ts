/** A ServiceEntry as the rules read it: defaults filled in, and null for what cannot be read (shape.ts complains of that). Pure. */
import { type Resolution, resolutions } from "../api.ts";
import { type Fields, isFields } from "../fields.ts";
import { entries } from "./shape.ts";

export interface Port {
  path: string;
  name: string | null;
  number: number | null;
  /** Empty where it is left out: Istio then looks at the bytes. */
  protocol: string | null;
  targetPort: number | null;
}

export interface Endpoint {
  path: string;
  /** Undefined where it is left out, which the CRD tells from empty. */
  address: string | null | undefined;
  network: string | null | undefined;
  hasPorts: boolean;
  ports: [name: string, number: number | null][];
  labels: [key: string, value: string | null][];
}

export interface Entry {
  namespace: string;
  /** Null where it has none yet (generateName). */
  name: string | null;
  labels: ReadonlyMap<string, unknown>;
  hosts: (string | null)[];
  addresses: (string | null)[];
  ports: Port[];
  location: unknown;
  resolution: Resolution | null;
  endpoints: Endpoint[];
  selector: [key: string, value: string | null][] | null;
  exportTo: (string | null)[];
  /** `status.addresses`, which istiod writes. */
  hasAllocated: boolean;
  /** The spec's fields that are there, be they empty. */
  has: ReadonlySet<string>;
}

const text = (value: unknown): string | null => (typeof value === "string" ? value : null);
const number = (value: unknown): number | null => (typeof value === "number" ? value : null);
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const fields = (value: unknown): Fields => (isFields(value) ? value : {});
const orLeftOut = <T>(value: unknown, fallback: T): unknown => value ?? fallback;

function port(value: unknown, at: number): Port | null {
  if (!isFields(value)) return null;
  return {
    path: `spec.ports[${at}]`,
    name: text(value.name),
    number: number(value.number),
    protocol: text(orLeftOut(value.protocol, "")),
    targetPort: number(value.targetPort),
  };
}

function endpoint(value: unknown, at: number): Endpoint | null {
  if (!isFields(value)) return null;
  const leftOutOr = (one: unknown) => (one === undefined || one === null ? undefined : text(one));
  return {
    path: `spec.endpoints[${at}]`,
    address: leftOutOr(value.address),
    network: leftOutOr(value.network),
    hasPorts: (value.ports ?? null) !== null,
    ports: entries(fields(value.ports)).map(([name, one]) => [name, number(one)]),
    labels: entries(fields(value.labels)).map(([key, one]) => [key, text(one)]),
  };
}

/** Takes any manifest, however wrong; throws nothing. */
export function entryOf(manifest: Fields): Entry {
  const metadata = fields(manifest.metadata);
  const spec = fields(manifest.spec);
  const selector = fields(spec.workloadSelector);
  const resolution = orLeftOut(spec.resolution, "NONE");
  return {
    namespace: text(metadata.namespace) || "default",
    name: text(metadata.name) || null,
    labels: new Map(entries(fields(metadata.labels))),
    hosts: list(spec.hosts).map(text),
    addresses: list(spec.addresses).map(text),
    ports: list(spec.ports).flatMap((one, at) => port(one, at) ?? []),
    location: orLeftOut(spec.location, "MESH_EXTERNAL"),
    resolution: resolutions.find((one) => one === resolution) ?? null,
    endpoints: list(spec.endpoints).flatMap((one, at) => endpoint(one, at) ?? []),
    selector: isFields(spec.workloadSelector)
      ? entries(fields(selector.labels)).map(([key, one]) => [key, text(one)])
      : null,
    exportTo: list(spec.exportTo).map(text),
    hasAllocated: list(fields(manifest.status).addresses).length > 0,
    has: new Set(entries(spec).map(([key]) => key)),
  };
}
