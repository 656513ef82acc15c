/** ServiceEntries in force as files have them: which of them is about a host, and what it says. Pure. */

import type { ExistingEntry, Manifest } from "../model.ts";
import { parseAddress } from "../words/address.ts";
import { byText } from "../words/by-text.ts";
import { registrableDomain } from "../words/domain.ts";
import type { Entry } from "./entry.ts";
import { manifestAt, type Opened, open, type Place } from "./extend.ts";
import { safe } from "./provenance.ts";

type Fields = Record<string, unknown>;

/** What an entry says of itself, as far as a change to it has to know. */
export interface Held {
  entry: ExistingEntry;
  /** As read. */
  object: Fields;
  /** Its file for a patch, where it is found there: of a file that is broken elsewhere, or a stream of JSON, there may be none. */
  written(): { opened: Opened; place: Place } | null;
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

/** Looks entries up; each file is opened when something in it is to be changed, and once. Throws nothing. */
export function existing(entries: readonly ExistingEntry[]): Existing {
  const order = (a: ExistingEntry, b: ExistingEntry) => byText(a.namespace, b.namespace) || byText(a.name, b.name);
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
  const opening = (text: string): Opened => {
    const opened = files.get(text) ?? open(text);
    files.set(text, opened);
    return opened;
  };
  const read = (entry: ExistingEntry): Held[] => heldIn(entry, opening);
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

/** None for what is inside the mesh, or has a name that Kubernetes would not take. */
function heldIn(entry: ExistingEntry, opening: (text: string) => Opened): Held[] {
  const object = fields(entry.object);
  const spec = fields(object.spec);
  if (!isNamed(object, entry)) return [];
  if (spec.location === "MESH_INTERNAL" || "workloadSelector" in spec) return [];
  const ports = (Array.isArray(spec.ports) ? spec.ports : []).map(fields);
  return [
    {
      entry,
      object,
      written: () => writtenIn(entry, opening),
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

function isNamed(object: Fields, entry: ExistingEntry): boolean {
  const { name, namespace = "default" } = fields(object.metadata);
  return name === entry.name && namespace === entry.namespace;
}

/** A document that is broken may have others counted otherwise. */
function writtenIn(entry: ExistingEntry, opening: (text: string) => Opened): ReturnType<Held["written"]> {
  const { place } = entry;
  if (place === null) return null;
  const opened = opening(entry.text);
  const object = manifestAt(opened, place);
  return object !== null && isNamed(object, entry) ? { opened, place } : null;
}

/** Without what only a cluster writes: it would be refused, or overwrite what is newer. */
function cleaned(object: Fields, { namespace }: ExistingEntry): Manifest {
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

const fields = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const strings = (value: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields(value)).map(([key, one]) => [key, typeof one === "object" ? "" : String(one)]),
  );
