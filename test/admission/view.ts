/** A ServiceEntry as the rules read it: every field there, absent ones as protobuf's zero values, with presence kept where it counts. */
export interface Problem {
  level: "error" | "warning";
  /** `1` to `26`: Istio's validation in the order of the fact sheet (istio.md §4.1); `crd/…`: the CRD (§4.2); `kube/…`: any object. */
  rule: string;
  message: string;
}

export type Fields = Record<string, unknown>;

export interface Port {
  name: string;
  number: number;
  protocol: string;
  targetPort: number;
}

export interface Endpoint {
  address: string;
  network: string;
  ports: [string, number][];
  labels: [string, string][];
}

export interface View {
  namespace: string;
  labels: Map<string, string>;
  hosts: string[];
  addresses: string[];
  ports: (Port | null)[];
  location: string;
  resolution: string;
  endpoints: (Endpoint | null)[];
  selector: [string, string][] | null;
  exportTo: string[];
  /** The spec's keys as written: CEL asks `has(…)`, protobuf cannot. */
  present: ReadonlySet<string>;
}

export const error = (rule: string, message: string): Problem => ({ level: "error", rule, message });
export const warning = (rule: string, message: string): Problem => ({ level: "warning", rule, message });

export function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}

export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const number = (value: unknown): number => (typeof value === "number" ? value : 0);
const texts = (value: unknown): string[] => list(value).map(text);
const pairs = (value: unknown): [string, string][] =>
  Object.entries(fields(value)).map(([key, one]) => [key, text(one)]);

function port(value: unknown): Port | null {
  if (value === null) return null;
  const { name, number: written, protocol, targetPort } = fields(value);
  return { name: text(name), number: number(written), protocol: text(protocol), targetPort: number(targetPort) };
}

function endpoint(value: unknown): Endpoint | null {
  if (value === null) return null;
  const { address, network, ports, labels } = fields(value);
  const numbers = Object.entries(fields(ports)).map(([name, one]): [string, number] => [name, number(one)]);
  return { address: text(address), network: text(network), ports: numbers, labels: pairs(labels) };
}

/** Takes any manifest, however wrong; what has the wrong type reads as absent (the schema rules complain of it). */
export function view(manifest: unknown): View {
  const { metadata, spec: written } = fields(manifest);
  const spec = fields(written);
  return {
    namespace: text(fields(metadata).namespace),
    labels: new Map(pairs(fields(metadata).labels)),
    hosts: texts(spec.hosts),
    addresses: texts(spec.addresses),
    ports: list(spec.ports).map(port),
    location: text(spec.location) || "MESH_EXTERNAL",
    resolution: text(spec.resolution) || "NONE",
    endpoints: list(spec.endpoints).map(endpoint),
    selector: "workloadSelector" in spec ? pairs(fields(spec.workloadSelector).labels) : null,
    exportTo: texts(spec.exportTo),
    present: new Set(Object.keys(spec)),
  };
}
