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
      let before: Sample = [first?.[0] ?? 0, first !== undefined && first[0] < unknownUntil ? first[1] : 0];
      for (const sample of values) {
        if (!isCount(sample[1])) continue;
        tallyUp(one.ever, counter, sample[1]);
        for (const [bucket, share] of shares(before, sample, window, length)) {
          const into = one.tallies[bucket];
          if (into !== undefined) tallyUp(into, counter, share);
        }
        before = sample;
      }
    }
  }
  return [...all.values()].map(({ tallies, ever, ...one }) => ({
    ...one,
    counts: tallies.map((sums) => Math.round(calls(sums, ever))),
  }));
}

/** Two scrapes of a proxy are never so many buckets apart, unless it was not scraped. */
const hole = 2;

/**
 * What a counter grew by between two scrapes, by bucket: all of it where it was scraped. After a hole nobody knows when it grew, and
 * all at once on return would be a spike that never was: it is spread evenly over the hole, in whole calls, of which those before
 * the window are left out. A counter that began anew meanwhile may have done so just now.
 */
function* shares(
  [from, before]: Sample,
  [to, value]: Sample,
  window: Window,
  length: number,
): Generator<[bucket: number, share: number]> {
  const bucketOf = (time: number) => Math.ceil((time - window.from) / length) - 1;
  const last = bucketOf(to);
  if (value < before || to - from <= hole * length) {
    yield [last, value < before ? value : value - before];
    return;
  }
  const by = (time: number) => Math.round(((value - before) * (Math.min(time, to) - from)) / (to - from));
  for (let bucket = Math.max(0, bucketOf(from)); bucket <= last; bucket += 1) {
    const begin = window.from + bucket * length;
    yield [bucket, by(begin + length) - by(Math.max(from, begin))];
  }
}

type Sample = readonly [time: number, value: number];

const tally = (): Tally => ({ requests: 0, opened: 0, closed: 0 });
const empty = (size: number) => Array.from({ length: size }, tally);
