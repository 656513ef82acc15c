/** One object for one source, however many rows name it. */
import type { Source } from "../model.ts";

/** Gives the first source of those that are equal: each row brings texts of its own, and a workload calls many destinations. */
export function sources(): (source: Source) => Source {
  const known = new Map<string, Map<string, Map<string, Source>>>();
  return (source) => {
    const { cluster, namespace, workload } = source;
    const namespaces = known.get(cluster) ?? new Map<string, Map<string, Source>>();
    const workloads = namespaces.get(namespace) ?? new Map<string, Source>();
    const same = workloads.get(workload);
    if (same !== undefined) return same;
    known.set(cluster, namespaces.set(namespace, workloads.set(workload, source)));
    return source;
  };
}
