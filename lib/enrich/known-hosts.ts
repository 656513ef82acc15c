/** The hosts that this mesh is known to use, for the forward index: an address is recognised by who answers to it. Pure. */
import type { EntryInForce, Sighting } from "../model.ts";
import type { KnownHost } from "./naming.ts";
import type { Trusting } from "./trusted.ts";

/** So many hosts are looked up in one run; a run looks up what was called last. */
const mostHosts = 200;

/**
 * Hosts of ServiceEntries in force, and Hosts and SNI seen, as far as they may be looked up: of the most recent first. A name that
 * only workloads wrote takes no more than half of the places, or one workload could crowd out all the others.
 */
export function knownHosts(
  entries: readonly EntryInForce[],
  sightings: Iterable<Sighting>,
  trusting: Trusting,
): KnownHost[] {
  const known = new Map<string, string>();
  for (const { hosts, namespace, name } of entries) {
    for (const host of hosts) {
      if (known.size < mostHosts && trusting(host))
        known.set(host, `the ServiceEntry ${namespace}/${name} names ${host}`);
    }
  }
  const seen = new Map<string, Sighting>();
  for (const one of sightings) {
    const { host } = one.destination;
    if (host === null || known.has(host) || !trusting(host)) continue;
    if ((seen.get(host)?.lastSeen ?? 0) <= one.lastSeen) seen.set(host, one);
  }
  const latest = [...seen].sort(([a, one], [b, other]) => other.lastSeen - one.lastSeen || (a < b ? -1 : 1));
  const room = Math.max(mostHosts / 2, mostHosts - known.size);
  return [
    ...[...known].slice(0, mostHosts - Math.min(room, latest.length)).map(([host, why]) => ({ host, why })),
    ...latest.slice(0, room).map(([host, { source }]) => ({
      host,
      why: `${source.namespace}/${source.workload} calls ${host}`,
    })),
  ];
}

/** The families that addresses are of: no AAAA is asked for where nobody dials IPv6. */
export function familiesOf(addresses: Iterable<string>): Set<4 | 6> {
  const families = new Set<4 | 6>();
  for (const address of addresses) {
    families.add(address.includes(":") ? 6 : 4);
    if (families.size === 2) break;
  }
  return families;
}
