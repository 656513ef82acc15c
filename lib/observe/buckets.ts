/** Samples of blocked calls → how many in each five-minute bucket, for each source and destination. Pure. */
import type { Buckets, Counted, Samples, Window } from "../model.ts";
import { withoutCopies } from "./copies.ts";
import { identify, type ObserveSettings } from "./identify.ts";
import { isCount } from "./is-count.ts";
import { calls, type Tally, tallyUp } from "./observe.ts";

/**
 * Counts by bucket in (from, to], both of which are bucket bounds. A counter's first sample counts in full, as it began at zero,
 * but for those of the time when all data begins: nobody knows what was before it.
 * @param length of a bucket, ms
 * @param dataBegins when all data begins (ms), or null where it began long before the samples
 */
export function bucketCounts(
  counted: readonly Counted<Samples>[],
  window: Window,
  length: number,
  dataBegins: number | null,
  settings: ObserveSettings,
): Buckets[] {
  const all = new Map<string, Omit<Buckets, "counts"> & { tallies: Tally[]; ever: Tally }>();
  const size = Math.round((window.to - window.from) / length);
  const unknownUntil = dataBegins === null ? Number.NEGATIVE_INFINITY : dataBegins + 2 * length;
  for (const { counter, series } of counted) {
    for (const { labels, values } of withoutCopies(series, settings.labels)) {
      const identity = identify(counter, labels, settings);
      if (identity === null) continue;
      const one = all.get(identity.key) ?? { ...identity, tallies: empty(size), ever: tally() };
      all.set(identity.key, one);
      const [first] = values;
      let before = first !== undefined && first[0] < unknownUntil ? first[1] : 0;
      for (const [time, value] of values) {
        if (!isCount(value)) continue;
        const grown = value >= before ? value - before : value;
        before = value;
        const into = one.tallies[Math.ceil((time - window.from) / length) - 1];
        tallyUp(one.ever, counter, value);
        if (time > window.from && time <= window.to && into !== undefined) tallyUp(into, counter, grown);
      }
    }
  }
  return [...all.values()].map(({ tallies, ever, ...one }) => ({
    ...one,
    counts: tallies.map((sums) => Math.round(calls(sums, ever))),
  }));
}

const tally = (): Tally => ({ requests: 0, opened: 0, closed: 0 });
const empty = (size: number) => Array.from({ length: size }, tally);
