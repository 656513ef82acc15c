/** Gathers what is known of each entry of a namespace: this run's findings and what was seen before. */
import type { Destination, Finding, Passage, Protocol, Sighting, Source } from "../model.ts";
import { byText } from "../words/by-text.ts";
import { addressEntry, type Entry, namedEntry } from "./entry.ts";
import { hostTrust, isUsable } from "./trust.ts";

/** One workload that speaks one protocol to one port of an entry. */
export interface Evidence {
  /** The sighting's key. */
  key: string;
  namespace: string;
  workload: string;
  protocol: Protocol;
  port: number;
  verdict: Passage;
  firstSeen: number;
  /** Addresses dialled that may stand in a manifest. */
  addresses: readonly string[];
}

/** All that is known of one entry of one namespace of one cluster: what one manifest is made of. */
export interface Group {
  namespace: string;
  entry: Entry;
  evidence: Evidence[];
  /** Ports to which raw TCP went before, at an address that DNS confirms for the entry's name: maybe its own, maybe not. */
  beside: number[];
}

type Place = Pick<Sighting, "key" | "source" | "destination" | "firstSeen"> & { addresses?: readonly string[] };

/** The entry a destination belongs to; null where it belongs to none. `names` maps addresses to confirmed names. */
export function entryOf(destination: Destination, names: ReadonlyMap<string, string>): Entry | null {
  const { host, address, protocol, claim } = destination;
  if (host !== null) return namedEntry(host);
  if (address === null || claim !== null || protocol === "tls" || !isUsable(address)) return null;
  // A Host that is an address is routed by that address, whatever else DNS calls it; raw TCP has nothing but what DNS says.
  const name = protocol === "tcp" ? names.get(address) : undefined;
  return name === undefined ? addressEntry(address) : namedEntry(name);
}

/** The key under which `gather` keeps the group of an entry. */
export function groupKey(source: Source, entry: Entry): string {
  return [source.cluster, source.namespace, entry.host].join("\n");
}

/**
 * The groups of the findings, by `groupKey`. Takes the findings that may have a manifest, what is remembered, the keys of the
 * sightings that no manifest may rest on (`unfit`), and the confirmed names of addresses. Only groups of a finding are made: the cost
 * grows with the findings, and with one look at each sighting. The evidence is in an order that owes nothing to the input's.
 */
export function gather(
  findings: readonly Finding[],
  sightings: Iterable<Sighting>,
  unfit: ReadonlySet<string>,
  names: ReadonlyMap<string, string>,
): Map<string, Group> {
  const groups = new Map<string, Group>();
  const dialled = new Map<string, Group[]>();
  for (const finding of findings) {
    const entry = entryOf(finding.destination, names);
    if (entry === null) continue;
    const key = groupKey(finding.source, entry);
    const group = groups.get(key) ?? { namespace: finding.source.namespace, entry, evidence: [], beside: [] };
    groups.set(key, group);
    add(group, finding);
    for (const address of confirmedAddresses(finding)) {
      const place = [finding.source.cluster, finding.source.namespace, address].join("\n");
      dialled.set(place, [...(dialled.get(place) ?? []), group]);
    }
  }
  if (groups.size > 0) {
    for (const sighting of sightings) if (!unfit.has(sighting.key)) recall(groups, dialled, sighting, names);
  }
  for (const group of groups.values()) {
    group.evidence = settled(group.evidence);
    const ports = new Set(group.evidence.map((one) => one.port));
    group.beside = [...new Set(group.beside)].filter((port) => !ports.has(port)).sort((a, b) => a - b);
  }
  return groups;
}

function recall(
  groups: ReadonlyMap<string, Group>,
  dialled: ReadonlyMap<string, Group[]>,
  sighting: Sighting,
  names: ReadonlyMap<string, string>,
): void {
  const { source, destination } = sighting;
  const entry = entryOf(destination, names);
  const group = entry === null ? undefined : groups.get(groupKey(source, entry));
  if (group !== undefined) add(group, sighting);
  if (destination.protocol !== "tcp" || destination.address === null || destination.port === null) return;
  const place = [source.cluster, source.namespace, destination.address].join("\n");
  for (const other of dialled.get(place) ?? []) other.beside.push(destination.port);
}

function confirmedAddresses(finding: Finding): string[] {
  const { host, address } = finding.destination;
  return host === null || address === null || hostTrust(host, finding.names) !== "confirmed" ? [] : [address];
}

function add(group: Group, place: Place): void {
  const evidence = evidenceOf(place);
  if (evidence !== null) group.evidence.push(evidence);
}

/** What a finding or sighting says of its entry; null where its port is not known. */
export function evidenceOf(place: Place): Evidence | null {
  const { address, port, protocol, verdict } = place.destination;
  if (port === null || !Number.isInteger(port) || port < 1 || port > 65535) return null;
  const dialled = new Set([...(place.addresses ?? []), ...(address === null ? [] : [address])]);
  return {
    key: place.key,
    namespace: place.source.namespace,
    workload: place.source.workload,
    protocol,
    port,
    verdict,
    firstSeen: place.firstSeen,
    addresses: [...dialled].filter(isUsable).sort(),
  };
}

/** One piece of evidence for each sighting, the earliest, in order of port. */
export function settled(evidence: readonly Evidence[]): Evidence[] {
  const order = (a: Evidence, b: Evidence): number =>
    a.port - b.port || byText(a.protocol, b.protocol) || byText(a.workload, b.workload) || byText(a.key, b.key);
  const byKey = new Map<string, Evidence>();
  for (const one of evidence) {
    const other = byKey.get(one.key);
    const addresses = [...new Set([...one.addresses, ...(other?.addresses ?? [])])].sort();
    byKey.set(one.key, { ...one, addresses, firstSeen: Math.min(one.firstSeen, other?.firstSeen ?? one.firstSeen) });
  }
  return [...byKey.values()].sort(order);
}
