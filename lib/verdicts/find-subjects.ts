/** What ids stand for, by all that a store remembers. For persons and for plans; a run asks recall.ts. No I/O of its own. */
import type { Subject } from "../model.ts";
import type { Store } from "../remember/store.ts";
import { type Remembered, subjectsOf } from "./subjects.ts";

/** A subject, and the cluster whose runs found it. */
export interface Placed {
  cluster: string;
  subject: Subject;
}

/**
 * In the order of the clusters; ids that nothing is remembered of are left out. Sightings are many (100,000 take seconds), and are read
 * only for ids that nobody was told of.
 * @param toldOnly ids that nobody was told of are left out: no sightings are read
 */
export async function findSubjects(
  store: Store,
  ids: ReadonlySet<string>,
  clusters: readonly string[],
  { toldOnly = false } = {},
): Promise<Map<string, Placed>> {
  const found = new Map<string, Placed>();
  for (const read of toldOnly ? [readTold] : [readTold, readSightings]) {
    for (const cluster of clusters) {
      const missing = new Set([...ids].filter((id) => !found.has(id)));
      if (missing.size === 0) return found;
      const here = subjectsOf(missing, await read(store, cluster, missing));
      for (const [id, subject] of here) found.set(id, { cluster, subject });
    }
  }
  return found;
}

const readTold = async (store: Store, cluster: string, ids: ReadonlySet<string>): Promise<Remembered> => ({
  sightings: new Map(),
  findings: await store.findings(cluster, ids),
  open: await store.open(cluster),
  letters: await store.letters(cluster),
});

const readSightings = async (store: Store, cluster: string): Promise<Remembered> => ({
  sightings: await store.recall(cluster),
  findings: new Map(),
  open: new Map(),
});
