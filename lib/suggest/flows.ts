/** What was seen of calls, as the model of Istio's routing asks for it. Pure. */
import type { Flow } from "../istio/route/flow.ts";
import type { Finding, Name, Sighting } from "../model.ts";
import type { Sightings } from "./bearing.ts";

/** The calls of one source to one destination: a flow for each address dialled. */
export interface Seen {
  /** The sighting's key. */
  key: string;
  cluster: string;
  flows: Flow[];
}

/** May something that is proposed change where calls from a namespace go, and where those to one port? */
export interface Reach {
  from(namespace: string): boolean;
  at(namespace: string, port: number): boolean;
}

/** A finding, a sighting or an observation. */
export type Place = Pick<Sighting, "key" | "source" | "destination"> & { addresses?: readonly string[] };

/**
 * The flows of a finding or sighting; null where its port is not known, which no manifest could cover.
 * @param names confirmed names by address
 */
export function seenFlows(
  { key, source, destination, addresses = [] }: Place,
  names: ReadonlyMap<string, string>,
  known: Name | null,
): Seen | null {
  const { protocol, host, sni, address, port } = destination;
  if (port === null) return null;
  const { namespace, workload } = source;
  // A Host that is an address is routed by that address, whatever else it is called.
  const own = address === null || protocol !== "tcp" ? null : (names.get(address) ?? nameOf(known));
  const flow = { source: { namespace, workload }, protocol, host: host ?? own, sni, port };
  const dialled = new Set([...addresses, ...(address === null ? [] : [address])]);
  const places: (string | null)[] = dialled.size === 0 ? [null] : [...dialled].sort();
  return { key, cluster: source.cluster, flows: places.map((one) => ({ ...flow, address: one })) };
}

const nameOf = (name: Name | null): string | null =>
  name?.trust === "confirmed" && ["service-entry", "forward", "ptr"].includes(name.from) ? name.name : null;

/**
 * All that was seen from where something reaches, each sighting once, in order of their keys: what this run found of it goes before what
 * is remembered.
 */
export function allSeen(
  findings: readonly Finding[],
  { memory, added }: Sightings,
  names: ReadonlyMap<string, string>,
  reach: Reach,
): Seen[] {
  const byKey = new Map<string, Seen>();
  for (const one of findings) add(byKey, seenFlows(one, names, null));
  for (const one of [...memory.about(({ namespace }) => reach.from(namespace)), ...added]) {
    const { source, destination } = one;
    if (destination.port === null || !reach.at(source.namespace, destination.port) || byKey.has(one.key)) continue;
    add(byKey, seenFlows(one, names, one.name));
  }
  return [...byKey.values()].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

function add(all: Map<string, Seen>, one: Seen | null): void {
  if (one !== null) all.set(one.key, one);
}
