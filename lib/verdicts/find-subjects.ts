/** What ids stand for, by all that a store remembers. For persons and for plans; a run asks recall.ts. No I/O of its own. */
import type { Subject } from "../model.ts";
import type { Store } from "../remember/store.ts";
import { subjectsOf } from "./subjects.ts";

/** A subject, and the cluster whose runs found it. */
export interface Placed {
  cluster: string;
  subject: Subject;
}

/** In the order of the clusters; ids that nothing is remembered of are left out. */
export async function findSubjects(
  store: Store,
  ids: ReadonlySet<string>,
  clusters: readonly string[],
): Promise<Map<string, Placed>> {
  const found = new Map<string, Placed>();
  for (const cluster of clusters) {
    const missing = new Set([...ids].filter((id) => !found.has(id)));
    if (missing.size === 0) break;
    const here = subjectsOf(missing, {
      sightings: await store.recall(cluster),
      findings: await store.findings(cluster, missing),
      open: await store.open(cluster),
      letters: await store.letters(cluster),
    });
    for (const [id, subject] of here) found.set(id, { cluster, subject });
  }
  return found;
}
