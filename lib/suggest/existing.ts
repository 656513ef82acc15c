/** ServiceEntries in force as files have them: which of them is about a host, and what it says. Pure. */
import { parseAddress } from "../address.ts";
import { registrableDomain } from "../domain.ts";
import type { ExistingEntry, Manifest } from "../model.ts";
import type { Entry } from "./entry.ts";
import { manifestAt, type Opened, open, type Place } from "./extend.ts";
import { safe } from "./provenance.ts";

/** What an entry says of itself, as far as a change to it has to know. */
export interface Held {
  entry: ExistingEntry;
  opened: Opened;
  place: Place;
  /** For people: `payments/stripe in stripe.yaml`. */
  where: string;
  /** As Kubernetes would have it without what Kubernetes itself writes into it. */
  manifest: Manifest;
  /** Protocol by number, in upper case; empty where none is said. */
  ports: ReadonlyMap<number, string>;
  portNames: ReadonlySet<string>;
  /** As written: without those that Istio gives it. */
  addresses: readonly string[];
  resolution: string;
  exportTo: readonly string[];
}

export interface Existing {
  /** The entry for a host or address that a namespace sees: its own before others'. Null where there is none that is outside. */
  holding(entry: Entry, namespace: string): Held | null;
  /** Ports of a host that any entry, seen from wherever, calls HTTP2. */
  http2(host: string): ReadonlySet<number>;
  /** A namespace's own entries that hold a host of that registrable domain. */
  related(domain: string, namespace: string): Held[];
}

/** Looks entries up; each file is read when something in it is asked for, and once. Throws nothing. */
export function existing(entries: readonly ExistingEntry[]): Existing {
  const order = (a: ExistingEntry, b: ExistingEntry) => compare(a.namespace, b.namespace) || compare(a.name, b.name);
  const byKey = new Map<string, ExistingEntry[]>();
  for (const one of [...entries].sort(order)) {
    const domains = one.hosts.map((host) => `${one.namespace}\n${registrableDomain(host) ?? ""}`);
    for (const key of new Set([...one.hosts, ...one.addresses.map(single), ...domains])) {
      const same = byKey.get(key);
      if (same === undefined) byKey.set(key, [one]);
      else same.push(one);
    }
  }
  const files = new Map<string, Opened>();
  const read = (entry: ExistingEntry): Held[] => {
    const opened = files.get(entry.text) ?? open(entry.text);
    files.set(entry.text, opened);
    return heldIn(entry, opened);
  };
  return {
    holding: (about, namespace) => {
      const all = byKey.get(about.address ?? about.host) ?? [];
      const own = all.filter((one) => one.namespace === namespace);
      const others = all.filter((one) => one.namespace !== namespace);
      const isFit = [isAbout(about), isSeenFrom(namespace)];
      return [...own, ...others].flatMap(read).find((held) => isFit.every((test) => test(held))) ?? null;
    },
    http2: (host) => {
      const ports = (byKey.get(host) ?? []).flatMap(read).flatMap((held) => [...held.ports]);
      return new Set(ports.flatMap(([number, protocol]) => (protocol === "HTTP2" ? [number] : [])));
    },
    related: (domain, namespace) => (byKey.get(`${namespace}\n${domain}`) ?? []).flatMap(read),
  };
}

/** An address without the length of a network of one. */
const single = (address: string) => address.replace(address.includes(":") ? /\/128$/ : /\/32$/, "");

/** An entry of several addresses is not one of them: what is added opens the others as well. */
function isAbout({ host, address }: Entry): (held: Held) => boolean {
  return ({ entry, addresses }) =>
    address === null
      ? entry.hosts.includes(host)
      : addresses.length === 1 && addresses.every((one) => single(one) === address);
}

function isSeenFrom(namespace: string): (held: Held) => boolean {
  return ({ entry, exportTo }) =>
    exportTo.length === 0 ||
    exportTo.some((one) => one === "*" || one === namespace || (one === "." && entry.namespace === namespace));
}

/** None for what is inside the mesh, or cannot be read, or is not at its place as YAML counts documents. */
function heldIn(entry: ExistingEntry, opened: Opened): Held[] {
  const { place } = entry;
  if (place === null) return [];
  const object = manifestAt(opened, place);
  const spec = fields(object?.spec);
  const { name, namespace = "default" } = fields(object?.metadata);
  if (object === null || name !== entry.name || namespace !== entry.namespace) return [];
  if (spec.location === "MESH_INTERNAL" || "workloadSelector" in spec) return [];
  const ports = (Array.isArray(spec.ports) ? spec.ports : []).map(fields);
  return [
    {
      entry,
      opened,
      place,
      where: `${entry.namespace}/${entry.name} in ${safe(entry.file)}`,
      manifest: cleaned(object, entry),
      ports: new Map(ports.map(({ number, protocol }) => [Number(number), text(protocol).toUpperCase()])),
      portNames: new Set(ports.map(({ name }) => text(name))),
      addresses: Array.isArray(spec.addresses) ? spec.addresses.map(text).map((one) => parseAddress(one) ?? one) : [],
      resolution: text(spec.resolution) || "NONE",
      exportTo: Array.isArray(spec.exportTo) ? spec.exportTo.map(text) : [],
    },
  ];
}

/** Without what only a cluster writes: it would be refused, or overwrite what is newer. */
function cleaned(object: Record<string, unknown>, { namespace }: ExistingEntry): Manifest {
  const { name, labels, annotations } = fields(object.metadata);
  const { "kubectl.kubernetes.io/last-applied-configuration": _, ...notes } = strings(annotations);
  const marks = strings(labels);
  return {
    // Items of a ServiceEntryList may leave it out.
    apiVersion: text(object.apiVersion) || "networking.istio.io/v1",
    kind: "ServiceEntry",
    metadata: {
      name: text(name),
      namespace,
      ...(Object.keys(marks).length === 0 ? {} : { labels: marks }),
      ...(Object.keys(notes).length === 0 ? {} : { annotations: notes }),
    },
    spec: fields(object.spec),
  };
}

const fields = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const strings = (value: unknown): Record<string, string> =>
  Object.fromEntries(Object.entries(fields(value)).map(([key, one]) => [key, String(one)]));
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
