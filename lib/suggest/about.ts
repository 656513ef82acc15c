/** Which of the calls seen proposed entries are about. Pure. */
import type { ServiceEntry } from "../istio/in-force.ts";
import type { FlowCovered } from "../istio/route/covers.ts";
import { isExported } from "../istio/route/export-to.ts";
import { nameIndex } from "../istio/route/names.ts";
import { rangeIndex } from "../istio/route/ranges.ts";

/** The flows of each sighting, by its key. */
export type Judged = ReadonlyMap<string, readonly FlowCovered[]>;

/** The calls that the hosts or addresses of each are about, from where it is seen. */
export function flowsAbout<One extends { entries: readonly ServiceEntry[] }>(
  all: readonly One[],
  judged: Judged,
): Map<One, Set<readonly FlowCovered[]>> {
  const byHost = nameIndex<[One, ServiceEntry][]>();
  const byAddress = rangeIndex<[One, ServiceEntry][]>();
  for (const one of all) {
    for (const entry of one.entries) {
      for (const host of entry.hosts) byHost.set(host, [...(byHost.at(host) ?? []), [one, entry]]);
      for (const range of entry.addresses) byAddress.set(range, [...(byAddress.at(range) ?? []), [one, entry]]);
    }
  }
  const about = new Map<One, Set<readonly FlowCovered[]>>(all.map((one) => [one, new Set()]));
  for (const flows of judged.values()) {
    for (const { flow } of flows) {
      const name = flow.sni ?? flow.host;
      // By its address alone where nothing else tells what is called.
      const isBare = flow.protocol === "tcp" || name === null;
      const found = [
        ...(name === null ? [] : byHost.covering(name)),
        ...(isBare && flow.address !== null ? byAddress.covering(flow.address) : []),
      ].flat();
      for (const [one, entry] of found) if (isExported(entry, flow.source.namespace)) about.get(one)?.add(flows);
    }
  }
  return about;
}
