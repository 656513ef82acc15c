/** Whether an open finding is told again, and why. Pure: time is that of the run. */
import type { Finding, Severity, Telling } from "../model.ts";

/** `notify` of the config. */
export interface RepeatSettings {
  /** After so long an open finding is told again, ms; 0 for never. */
  repeat: number;
  /** Each time takes so many times as long as the one before. */
  backoff: number;
  /** So many repeats, and no more. */
  quietAfter: number;
}

const rank: Record<Severity, number> = { info: 0, warning: 1, critical: 2 };
/** Grown by so much, a finding is another one for who reads it. A hundred calls are too few to be alarmed by their growth. */
const grown = { destinations: 2, count: 10, calls: 100 };

/**
 * Why an open finding is to be told now, or null where it is not. `changed`: it is more severe than when it was told, touches twice
 * the destinations, or counts ten times the calls, 100 at least. `repeat`: nobody told it for `repeat × backoff^n`, after n repeats of
 * at most `quietAfter`. What is `info` is not repeated: the digest has it.
 * @param telling how it was told last
 * @param now the run's end, ms
 */
export function whyTell(
  finding: Finding,
  telling: Telling,
  { repeat, backoff, quietAfter }: RepeatSettings,
  now: number,
): "changed" | "repeat" | null {
  if (isWorse(finding, telling)) return "changed";
  if (repeat === 0 || finding.severity === "info" || telling.repeats >= quietAfter) return null;
  return now - telling.at >= repeat * backoff ** telling.repeats ? "repeat" : null;
}

function isWorse({ severity, count, destinations }: Finding, told: Telling): boolean {
  return (
    rank[severity] > rank[told.severity] ||
    (destinations !== null && told.destinations !== null && destinations >= grown.destinations * told.destinations) ||
    (count >= grown.calls && count >= grown.count * told.count)
  );
}

/** How a finding stands once it is told now; `before` is null where it never was. What changed is repeated anew. */
export function toldNow(
  finding: Finding,
  before: Telling | null,
  why: "first" | "changed" | "repeat",
  now: number,
): Telling {
  const { severity, count, destinations } = finding;
  const repeats = why === "repeat" ? (before?.repeats ?? 0) + 1 : 0;
  // Growth is measured from the last time that it was news, or a slow one would never be.
  const base = why === "repeat" && before !== null ? before : { severity, count, destinations };
  const { severity: tolds, count: calls, destinations: places } = base;
  return { told: (before?.told ?? 0) + 1, repeats, at: now, severity: tolds, count: calls, destinations: places };
}

/** Of a finding that an earlier version opened: it was told then. */
export function firstTelling({ severity, count, destinations, firstSeen }: Finding): Telling {
  return { told: 1, repeats: 0, at: firstSeen, severity, count, destinations };
}
