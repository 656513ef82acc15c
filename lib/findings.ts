/** The findings that are open or were told, with what persons decided about them. No I/O of its own. */

import { clustersOf } from "./clusters.ts";
import type { Finding, Subject, Verdict } from "./model.ts";
import type { Store } from "./remember/store.ts";
import { allVerdicts, holdsAt } from "./verdicts/in-force.ts";

export interface KnownFinding {
  cluster: string;
  subject: Subject;
  /** As the last run saw it; null where it is open no longer, or was over as it was told. */
  open: Finding | null;
  /** Whose it was when it was told first, and when that was, ms; null where it was not. */
  told: { team: string; at: number } | null;
  /** The one that holds. */
  verdict: Verdict | null;
}

/**
 * @param only one cluster; null for all
 * @throws ScoutError `usage` for a cluster that nothing is remembered of; `store/…`
 */
export async function allFindings(
  store: Store,
  reviewed: readonly Verdict[],
  { only, at }: { only: string | null; at: number },
): Promise<KnownFinding[]> {
  const verdicts = allVerdicts(reviewed, await store.verdicts());
  const found: KnownFinding[] = [];
  for (const cluster of await clustersOf(store, only)) {
    const open = await store.open(cluster);
    const told = await store.findings(cluster);
    for (const id of new Set([...open.keys(), ...told.keys()])) {
      const subject = open.get(id) ?? told.get(id);
      const verdict = verdicts.get(id);
      if (subject === undefined) continue;
      found.push({
        ...{ cluster, subject, open: open.get(id) ?? null, told: told.get(id) ?? null },
        verdict: verdict !== undefined && holdsAt(verdict, at) ? verdict : null,
      });
    }
  }
  return found;
}
