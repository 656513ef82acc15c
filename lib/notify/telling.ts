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
/** Grown by so much, a finding is another one for who reads it. Its calls grow as long as it is open: what counts is how fast. */
const grown = { destinations: 2, pace: 10, calls: 100 };
/** Over less time no pace is measured, ms. */
const shortest = 5 * 60_000;

/**
 * Why an open finding is to be told now, or null where it is not. `changed`: it is more severe than when it was news, touches twice
 * the destinations, or has had ten times as many calls an hour since then, 100 at least. `repeat`: nobody told it for `repeat × backoff^n`, after n repeats of
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

function isWorse({ severity, count, destinations, firstSeen, lastSeen }: Finding, told: Telling): boolean {
  const calls = count - told.count;
  const before = Math.max(told.lastSeen - firstSeen, shortest);
  const since = Math.max(lastSeen - told.lastSeen, shortest);
  return (
    rank[severity] > rank[told.severity] ||
    (destinations !== null && told.destinations !== null && destinations >= grown.destinations * told.destinations) ||
    (calls >= grown.calls && calls * before >= grown.pace * Math.max(told.count, 1) * since)
  );
}

/** How a finding stands once it is told now; `before` is null where it never was. What changed is repeated anew. */
export function toldNow(
  { severity, count, destinations, lastSeen }: Finding,
  before: Telling | null,
  why: "first" | "changed" | "repeat",
  now: number,
): Telling {
  // A repeat is no news: growth is measured from where it was, or a slow one would never be told.
  if (why === "repeat" && before !== null) {
    return { ...before, told: before.told + 1, repeats: before.repeats + 1, at: now };
  }
  return { told: (before?.told ?? 0) + 1, repeats: 0, at: now, severity, count, destinations, lastSeen };
}

/** Of a finding that an earlier version opened: it was told then. */
export function firstTelling({ severity, count, destinations, firstSeen, lastSeen }: Finding): Telling {
  return { told: 1, repeats: 0, at: firstSeen, severity, count, destinations, lastSeen };
}
