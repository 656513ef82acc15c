/** Which window a run covers. Pure. */
import type { Window } from "../model.ts";

export interface WindowOrder {
  /** The run's end, ms. */
  to: number;
  /** A start the user asked for, ms; null for where the last run ended. */
  since: number | null;
  /** How far back a first run looks, ms. */
  learn: number;
  /** A first run reports what it sees instead of learning it. */
  noLearn: boolean;
}

export interface Plan {
  mode: "learn" | "watch";
  window: Window;
  /** It begins exactly where the last run ended, so that whatever is not remembered came since. */
  continues: boolean;
  /** When learning began; null where this run does not learn. */
  learningSince: number | null;
}

/** Samples may come this late (remote write, a slow scrape) and are still found by the next run, ms. */
const late = 2 * 60_000;

/** How much further back a run looks than its window begins, for samples that came late to the one before, ms. */
export const overlapOf = ({ continues }: Pick<Plan, "continues">): number => (continues ? late : 0);

/**
 * The window (from, to] of a run. A first run learns from history, and one that was cut off goes on learning; later runs begin
 * where the last one ended, however long ago. A run that ends before it begins has nothing to do: from equals to.
 * @param progress how far earlier runs have come; null before the first
 */
export function planWindow(progress: { end: number; learningSince: number | null } | null, order: WindowOrder): Plan {
  const { to, since, learn, noLearn } = order;
  const plan = (mode: Plan["mode"], from: number, learningSince: number | null): Plan => ({
    mode,
    window: { from: Math.min(from, to), to },
    continues: mode === "watch" && progress !== null && from === progress.end,
    learningSince,
  });
  if (progress === null) {
    const from = since ?? to - learn;
    return noLearn ? plan("watch", from, null) : plan("learn", from, from);
  }
  if (progress.learningSince !== null && !noLearn) return plan("learn", progress.end, progress.learningSince);
  return plan("watch", since ?? progress.end, null);
}
