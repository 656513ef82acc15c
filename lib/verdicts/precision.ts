/** How many findings were worth a message, by what persons decided about them. Pure; the rule is in docs/verdicts.md. */
import type { FindingKind, Ruling, ToldFinding, Verdict } from "../model.ts";

/** Of one detector and owner: findings told, each counted once however often it was told. */
export interface Precision {
  kind: FindingKind;
  team: string;
  told: number;
  /** Denied or approved: somebody had to decide. */
  worth: number;
  /** Expected: nobody had to. */
  noise: number;
  snoozed: number;
  unjudged: number;
  /** worth / (worth + noise), from 0 to 1; null where nothing is judged. */
  share: number | null;
}

export type Sum = Omit<Precision, "kind" | "team">;

const columns = { denied: "worth", approved: "worth", expected: "noise", snoozed: "snoozed" } as const satisfies Record<
  Ruling,
  keyof Precision
>;

/** By kind, then team. What a verdict said counts after its end as well. */
export function precisionOf(findings: Iterable<ToldFinding>, verdicts: ReadonlyMap<string, Verdict>): Precision[] {
  const rows = new Map<string, Precision>();
  for (const { id, kind, team } of findings) {
    const key = JSON.stringify([kind, team]);
    const row = rows.get(key) ?? empty(kind, team);
    const verdict = verdicts.get(id);
    row.told += 1;
    row[verdict === undefined ? "unjudged" : columns[verdict.verdict]] += 1;
    rows.set(key, row);
  }
  return [...rows].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => ({ ...row, share: shareOf(row) }));
}

/** All detectors and owners together. */
export function sumOf(rows: readonly Precision[]): Sum {
  const sum = (key: "told" | "worth" | "noise" | "snoozed" | "unjudged") =>
    rows.reduce((all, one) => all + one[key], 0);
  const judged = { worth: sum("worth"), noise: sum("noise") };
  return { told: sum("told"), ...judged, snoozed: sum("snoozed"), unjudged: sum("unjudged"), share: shareOf(judged) };
}

const empty = (kind: FindingKind, team: string): Precision => ({
  ...{ kind, team, told: 0, worth: 0, noise: 0, snoozed: 0, unjudged: 0, share: null },
});

function shareOf({ worth, noise }: Pick<Precision, "worth" | "noise">): number | null {
  return worth + noise === 0 ? null : worth / (worth + noise);
}
