/** Samples of counters → how often, since when, until when. Pure. */
import type { Counted, Samples, Series, Window } from "../model.ts";
import { withoutCopies } from "./copies.ts";
import { identify, type ObserveSettings } from "./identify.ts";
import { isCount } from "./is-count.ts";
import { calls, type Sifted, type Tally, tallyUp } from "./observe.ts";

export interface Count {
  count: number;
  firstSeen: number;
  lastSeen: number;
}

/**
 * What one counter counted in (from, to], and when its first and last growth was scraped (ms). A counter without a sample at or
 * before `from` counts from zero: it was born in the window, and its first call is in its first sample. A value below the one
 * before is a reset, and counts from zero again. Null where it did not grow. Samples that are no finite number are passed over.
 */
export function growth(values: Samples["values"], window: Window): Count | null {
  let before = 0;
  let count = 0;
  let firstSeen = window.to;
  let lastSeen = window.from;
  for (const [time, value] of values) {
    if (!isCount(value) || time > window.to) continue;
    const grown = value >= before ? value - before : value;
    before = value;
    if (time <= window.from || grown <= 0) continue;
    count += grown;
    firstSeen = Math.min(firstSeen, time);
    lastSeen = Math.max(lastSeen, time);
  }
  return count > 0 ? { count, firstSeen, lastSeen } : null;
}

/** Counts, by key, of what the samples belong to, among `wanted`. */
export function countSamples(
  counted: readonly Counted<Samples>[],
  wanted: ReadonlyMap<string, Sifted>,
  window: Window,
  settings: ObserveSettings,
): Map<string, Count> {
  const sums = new Map<string, { tally: Tally; firstSeen: number; lastSeen: number }>();
  for (const { counter, series } of counted) {
    for (const { labels, values } of withoutCopies(series, settings.labels)) {
      const grown = growth(values, window);
      const key = identify(counter, labels, settings)?.key;
      if (grown === null || key === undefined || !wanted.has(key)) continue;
      const sum = sums.get(key) ?? { tally: { requests: 0, opened: 0, closed: 0 }, ...grown };
      tallyUp(sum.tally, counter, grown.count);
      sum.firstSeen = Math.min(sum.firstSeen, grown.firstSeen);
      sum.lastSeen = Math.max(sum.lastSeen, grown.lastSeen);
      sums.set(key, sum);
    }
  }
  return new Map([...sums].flatMap(([key, sum]) => finish(key, sum.tally, sum, wanted)));
}

/** Counts, by key, where the server has added up the growth of each counter itself. */
export function countGrowth(
  counted: readonly Counted<Series>[],
  wanted: ReadonlyMap<string, Sifted>,
  window: Window,
  settings: ObserveSettings,
): Map<string, Count> {
  const sums = new Map<string, Tally>();
  for (const { counter, series } of counted) {
    for (const { labels, value } of series) {
      const key = identify(counter, labels, settings)?.key;
      if (key === undefined || !wanted.has(key) || !isCount(value)) continue;
      const tally = sums.get(key) ?? { requests: 0, opened: 0, closed: 0 };
      tallyUp(tally, counter, value);
      sums.set(key, tally);
    }
  }
  const seen = { firstSeen: window.from, lastSeen: window.to };
  return new Map([...sums].flatMap(([key, tally]) => finish(key, tally, seen, wanted)));
}

function finish(
  key: string,
  tally: Tally,
  { firstSeen, lastSeen }: { firstSeen: number; lastSeen: number },
  wanted: ReadonlyMap<string, Sifted>,
): [string, Count][] {
  const ever = wanted.get(key) ?? tally;
  const count = Math.round(calls(tally, ever));
  return count > 0 ? [[key, { count, firstSeen, lastSeen }]] : [];
}
