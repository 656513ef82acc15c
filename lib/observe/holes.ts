/** Counters that were not scraped for a while: what they stood at before the hole is where they go on from. Pure. */
import type { Counted, Labels, Samples, Series } from "../model.ts";

/**
 * The samples with the value each counter stood at before them, where one is known: put in front, at `at` (ms, before the first sample
 * asked for). Without it a counter that comes back after a hole would count from zero, and all that it ever counted as new.
 */
export function withValuesBefore(
  counted: readonly Counted<Samples>[],
  before: readonly Counted<Series>[],
  at: number,
): Counted<Samples>[] {
  const known = new Map(
    before.flatMap(({ counter, series }) => series.map((one) => [nameOf(counter, one.labels), one.value] as const)),
  );
  return counted.map(({ counter, series }) => ({
    counter,
    series: series.map((one) => {
      const value = known.get(nameOf(counter, one.labels));
      return value === undefined ? one : { labels: one.labels, values: [[at, value] as const, ...one.values] };
    }),
  }));
}

/** `last_over_time` keeps the metric's name on Prometheus 2 and 3 alike, VictoriaMetrics drops it. */
function nameOf(counter: string, { __name__: _, ...labels }: Labels): string {
  return JSON.stringify([counter, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
