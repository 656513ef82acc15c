/** The verdicts of a run, from the reviewed file and the store. No I/O of its own. */
import type { Finding, Sighting, Verdict, Window } from "../model.ts";
import type { Store } from "../remember/store.ts";
import { allVerdicts } from "./in-force.ts";
import { type Rulings, rulingsOf } from "./rulings.ts";
import { subjectsOf } from "./subjects.ts";

interface Known {
  cluster: string;
  window: Window;
  memory: ReadonlyMap<string, Sighting>;
  open: ReadonlyMap<string, Finding>;
}

/** What is decided, and about what. */
export async function recallRulings(
  store: Store,
  reviewed: readonly Verdict[],
  { cluster, window, memory, open }: Known,
): Promise<Rulings> {
  const all = allVerdicts(reviewed, await store.verdicts());
  const ids = new Set(all.keys());
  const findings = await store.findings(cluster, ids);
  return rulingsOf(all, subjectsOf(ids, { sightings: memory, findings, open }), window);
}
