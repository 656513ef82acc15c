/** What a person decides: looked up, kept, listed, taken back. For the command, the API and buttons alike. No I/O of its own. */
import { ScoutError } from "../errors.ts";
import type { Subject, Verdict } from "../model.ts";
import type { Store } from "../remember/store.ts";
import { findSubjects } from "./find-subjects.ts";
import { allVerdicts, placed } from "./in-force.ts";

/** A verdict, what it is about (null where nothing is known of that), and where it stands. */
export interface Listed {
  verdict: Verdict;
  subject: Subject | null;
  from: "file" | "state";
}

/** What a decision came to: `overruled` by a verdict of the reviewed file, it is kept without effect. */
export interface Decided {
  subject: Subject | null;
  overruled: Verdict | null;
}

/** A decision about one of several findings: not kept where nothing is known of that. */
export interface Outcome extends Decided {
  verdict: Verdict;
}

/** So long a reason, and a name. */
export const longest = { reason: 500, by: 100 };
/** What a snooze is where nobody says how long, ms; as long as the button's. */
export const usualSnooze = 7 * 24 * 60 * 60_000;
/** No verdict lasts longer, ms. */
export const latestEnd = Date.UTC(9999, 0);

/**
 * Keeps a verdict, in the store where nobody says otherwise.
 * @param force keep it although no finding with that id is known
 * @throws ScoutError `usage` for an id that nobody can have from a finding; `store/…`
 */
export async function decide(
  store: Store,
  reviewed: readonly Verdict[],
  verdict: Verdict,
  {
    force = false,
    keep = store.rule,
  }: { force?: boolean; keep?: ((verdict: Verdict) => Promise<void>) | undefined } = {},
): Promise<Decided> {
  const found = (await findSubjects(store, new Set([verdict.id]), await store.clusters())).get(verdict.id);
  if (found === undefined && !force) {
    throw new ScoutError("usage", `no finding ${verdict.id} is known here`, {
      mend: "copy the id from a message, from `scan` or from `report`, and give the --state of that run; --force keeps it all the same",
    });
  }
  await keep(placed(verdict, found?.cluster));
  return { subject: found?.subject ?? null, overruled: reviewed.find(({ id }) => id === verdict.id) ?? null };
}

/**
 * Keeps the verdicts on findings that are known, in the store.
 * @param toldOnly known is only what somebody was told of: who presses a button cannot wait for more
 * @param signal from when on nothing is kept any more
 * @throws ScoutError `store/…`
 */
export async function decideAll(
  store: Store,
  reviewed: readonly Verdict[],
  verdicts: readonly Verdict[],
  { toldOnly = false, signal }: { toldOnly?: boolean; signal?: AbortSignal | undefined } = {},
): Promise<Outcome[]> {
  const ids = new Set(verdicts.map(({ id }) => id));
  const subjects = await findSubjects(store, ids, await store.clusters(), { toldOnly });
  const outcomes: Outcome[] = [];
  for (const verdict of verdicts) {
    const found = subjects.get(verdict.id);
    signal?.throwIfAborted();
    if (found !== undefined) await store.rule(placed(verdict, found.cluster));
    const overruled = reviewed.find(({ id }) => id === verdict.id) ?? null;
    outcomes.push({ verdict, subject: found?.subject ?? null, overruled });
  }
  return outcomes;
}

/**
 * Takes a verdict back.
 * @returns the one of the reviewed file that holds nevertheless, or null
 * @throws ScoutError `usage` where the store has none; `store/…`
 */
export async function takeBack(store: Store, reviewed: readonly Verdict[], id: string): Promise<Verdict | null> {
  const left = reviewed.find((one) => one.id === id) ?? null;
  if (await store.unrule(id)) return left;
  throw left === null
    ? new ScoutError("usage", `there is no verdict on ${id}`, { mend: "`egress-scout verdict list` has them all" })
    : new ScoutError("usage", `the verdict on ${id} is in the reviewed file, which is not written to`, {
        mend: "take it out there",
      });
}

/** All verdicts with what they are about, oldest first; of one finding the reviewed file's alone. */
export async function listVerdicts(store: Store, reviewed: readonly Verdict[]): Promise<Listed[]> {
  const all = allVerdicts(reviewed, await store.verdicts());
  const subjects = await findSubjects(store, new Set(all.keys()), await store.clusters());
  const inFile = new Set(reviewed.map(({ id }) => id));
  return [...all.values()]
    .sort((one, other) => (one.at ?? 0) - (other.at ?? 0) || (one.id < other.id ? -1 : 1))
    .map((verdict) => ({
      verdict: placed(verdict, subjects.get(verdict.id)?.cluster),
      subject: subjects.get(verdict.id)?.subject ?? null,
      from: inFile.has(verdict.id) ? "file" : "state",
    }));
}
