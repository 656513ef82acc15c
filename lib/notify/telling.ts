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
const hour = 60 * 60_000;

/**
 * Why an open finding is to be told now, or null where it is not. `changed`: it is more severe than when it was news, touches twice
 * the destinations, or has 100 more calls and is called ten times as often. `repeat`: nobody told it for `repeat × backoff^n`, after n
 * repeats of at most `quietAfter`. What is `info` is not repeated: the digest has it.
 * @param telling how it was told last
 * @param before the finding as it was after the run before
 * @param now the run's end, ms
 */
export function whyTell(
  finding: Finding,
  telling: Telling,
  before: Finding | null,
  { repeat, backoff, quietAfter }: RepeatSettings,
  now: number,
): "changed" | "repeat" | null {
  if (isWorse(finding, telling, before)) return "changed";
  if (repeat === 0 || finding.severity === "info" || telling.repeats >= quietAfter) return null;
  return now - telling.at >= repeat * backoff ** telling.repeats ? "repeat" : null;
}

function isWorse(finding: Finding, told: Telling, before: Finding | null): boolean {
  const { severity, count, destinations } = finding;
  return (
    rank[severity] > rank[told.severity] ||
    (destinations !== null && told.destinations !== null && destinations >= grown.destinations * told.destinations) ||
    (count - told.count >= grown.calls && pace(finding, before) >= grown.pace * told.pace)
  );
}

/** Calls an hour since the run before, or since it began where there was none; to the thousandth, so that it can be compared. */
function pace({ count, firstSeen, lastSeen }: Finding, before: Finding | null): number {
  const [calls, since] = before === null ? [count, firstSeen] : [count - before.count, before.lastSeen];
  return Math.round((1000 * calls * hour) / Math.max(lastSeen - since, shortest)) / 1000;
}

/** How a finding stands once it is told now; `telling` and `before` are null where there is none. What changed is repeated anew. */
export function toldNow(
  finding: Finding,
  telling: Telling | null,
  before: Finding | null,
  why: "first" | "changed" | "repeat",
  now: number,
): Telling {
  // A repeat is no news: growth is measured from where it was, or a slow one would never be told.
  if (why === "repeat" && telling !== null) {
    return { ...telling, told: telling.told + 1, repeats: telling.repeats + 1, at: now };
  }
  const { severity, count, destinations } = finding;
  const told = (telling?.told ?? 0) + 1;
  return { told, repeats: 0, at: now, severity, count, pace: pace(finding, before), destinations };
}

/** Of a finding that an earlier version opened: it was told then. */
export function firstTelling(finding: Finding): Telling {
  return toldNow(finding, null, null, "first", finding.firstSeen);
}
