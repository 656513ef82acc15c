/** Hosts of the entries in force against what was called in the period: unused ones, and wildcards wider than the traffic. Pure. */

import { isExported } from "../istio/route/export-to.ts";
import { nameIndex } from "../istio/route/names.ts";
import { rangeIndex } from "../istio/route/ranges.ts";
import type { RouteTable } from "../istio/route/table.ts";
import type { Finding } from "../model.ts";
import { parseHost } from "../words/host.ts";

export interface HostInForce {
  namespace: string;
  name: string;
  host: string;
}

/** A wildcard, and the names that were called under it. */
export interface WideHost extends HostInForce {
  /** In order; the first ones, where there are many. */
  names: string[];
  count: number;
}

/** So many names are worth telling: whoever calls more wants the wildcard. */
const mostNames = 20;

/**
 * Hosts of entries that nothing used: neither called by the entry (`used`), nor through a catch-all by name or address from where the
 * entry is seen.
 * In order of namespace, name and host.
 */
export function unusedHosts(table: RouteTable, used: ReadonlySet<string>, findings: readonly Finding[]): HostInForce[] {
  const patterns = nameIndex<string>();
  const ranges = rangeIndex<string>();
  for (const { hosts, addresses, endpoints } of table.inForce.entries) {
    for (const host of hosts) patterns.set(host, host);
    for (const range of [...addresses, ...endpoints]) ranges.set(range, range);
  }
  const callers = new Map<string, Set<string>>();
  for (const { source, destination, addresses } of findings) {
    const names = destination.host === null ? [] : patterns.covering(destination.host);
    const all = new Set([destination.address ?? [], addresses].flat());
    for (const one of [...names, ...[...all].flatMap((address) => [...ranges.covering(address)])]) {
      const known = callers.get(one) ?? new Set();
      callers.set(one, known.add(source.namespace));
    }
  }
  return table.inForce.entries
    .flatMap((entry) => {
      const { namespace, name, hosts, addresses, endpoints } = entry;
      const isCalled = (one: string) => [...(callers.get(one) ?? [])].some((caller) => isExported(entry, caller));
      if ([...addresses, ...endpoints].some((range) => used.has(range) || isCalled(range))) return [];
      return hosts.filter((host) => !used.has(host) && !isCalled(host)).map((host) => ({ namespace, name, host }));
    })
    .sort(inOrder);
}

/**
 * Wildcards that were called, with the names under them that were seen: sent as SNI to the entry (`sent`), or through a catch-all. One of
 * which no name was seen is left out: nobody knows how wide it has to be. In order of namespace, name and host.
 */
export function wideHosts(
  table: RouteTable,
  sent: ReadonlyMap<string, ReadonlySet<string>>,
  findings: readonly Finding[],
): WideHost[] {
  const patterns = nameIndex<Set<string>>();
  for (const host of new Set(table.inForce.entries.flatMap((one) => one.hosts))) {
    if (host.startsWith("*")) patterns.set(host, new Set([...(sent.get(host) ?? [])].flatMap(hostIn)));
  }
  for (const { destination } of findings) {
    if (destination.host === null) continue;
    for (const names of patterns.covering(destination.host)) names.add(destination.host);
  }
  return table.inForce.entries
    .flatMap(({ namespace, name, hosts }) =>
      hosts.flatMap((host) => {
        const names = host.startsWith("*") ? [...(patterns.at(host) ?? [])].sort() : [];
        return names.length === 0
          ? []
          : [{ namespace, name, host, names: names.slice(0, mostNames), count: names.length }];
      }),
    )
    .sort(inOrder);
}

/** A workload writes its SNI. */
function hostIn(text: string): string[] {
  const parsed = parseHost(text);
  return parsed.kind === "host" && parsed.port === null ? [parsed.host] : [];
}

function inOrder(one: HostInForce, other: HostInForce): number {
  const [a, b] = [one, other].map(({ namespace, name, host }) => JSON.stringify([namespace, name, host]));
  return (a ?? "") < (b ?? "") ? -1 : 1;
}
