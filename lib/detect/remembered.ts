/** How many destinations are remembered of a few sources. Pure. */
import type { Sighting, Source } from "../model.ts";

/** How many of a source; 0 for one that was not asked about. */
export type Remembered = (source: Source) => number;

const nameOf = ({ cluster, namespace, workload }: Source): string => JSON.stringify([cluster, namespace, workload]);

/** Counts for these sources alone: of what others call, which is nearly all of a large memory, no more is read than whose it is. */
export function rememberedOf(sources: Iterable<Source>, memory: ReadonlyMap<string, Sighting>): Remembered {
  const counts = new Map<string, number>();
  const workloads = new Set<string>();
  for (const source of sources) {
    counts.set(nameOf(source), 0);
    workloads.add(source.workload);
  }
  if (counts.size > 0) {
    for (const { source } of memory.values()) {
      if (!workloads.has(source.workload)) continue;
      const name = nameOf(source);
      const count = counts.get(name);
      if (count !== undefined) counts.set(name, count + 1);
    }
  }
  return (source) => counts.get(nameOf(source)) ?? 0;
}
