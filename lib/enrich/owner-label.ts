/** What the labels of a metric say of a workload's owner. Pure. */
import type { OwnerLabel, Source } from "../model.ts";

/** The value that decides, and all there are, each once, in order; more than one is doubtful. */
export interface LabelSaid {
  value: string;
  all: string[];
}

/**
 * Prepares the labels of one metric. A label of the workload goes before one of its namespace, and one of the source's cluster before
 * others. Of several values the one that most series have decides, of such as are even the first by code unit: the same on every run.
 */
export function labelsBySource(labels: readonly OwnerLabel[]): (source: Source) => LabelSaid | null {
  const byNamespace = Map.groupBy(labels, ({ namespace }) => namespace);
  return ({ cluster, namespace, workload }) => {
    const there = byNamespace.get(namespace) ?? [];
    const ofWorkload = there.filter(({ workloads }) => workloads.includes(workload));
    const near = ofWorkload.length > 0 ? ofWorkload : there.filter(({ workloads }) => workloads.length === 0);
    const own = near.filter((one) => one.cluster === cluster);
    return mostSaid(own.length > 0 ? own : near);
  };
}

function mostSaid(labels: readonly OwnerLabel[]): LabelSaid | null {
  const counts = new Map<string, number>();
  for (const { value, count } of labels) counts.set(value, (counts.get(value) ?? 0) + count);
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([value]) => value);
  const [value] = sorted;
  return value === undefined ? null : { value, all: sorted.sort() };
}
