import { day, hour } from "./time.ts";
import { prefixSums } from "./windows.ts";

/** A bucket and those within an hour before it: mean and standard deviation of what is above zero, null where nothing is. */
interface Hour {
  mean: number;
  deviation: number;
}

/**
 * The adaptive band of grafana/promql-anomaly-detection with its defaults: zeros are left out; above a value's mean of an hour lie the wider
 * of half that mean, and twice the mean of 26 hours of standard deviations that exceed half their mean; and bands of an hour around the same
 * time a day and a week before, of two deviations. An alert needs two evaluations in a row (`for: 5m`). Approximated: everything is
 * evaluated every five minutes and on counts, not each minute and on rates; alerts below the lower band are left out.
 */
export function adaptiveBand(counts: readonly number[]): boolean[] {
  const hours = hoursOf(counts);
  const filtered = hours.map((one) => (one !== null && one.deviation > 0.5 * one.mean ? one.deviation : null));
  const sums = prefixSums(filtered.map((deviation) => deviation ?? 0));
  const times = prefixSums(filtered.map((deviation) => (deviation === null ? 0 : 1)));
  let before = false;
  return counts.map((count, bucket) => {
    const now = hours[bucket];
    const bands: number[] = [];
    if (now) {
      bands.push(1.5 * now.mean);
      const known = times.between(bucket - 26 * hour + 1, bucket + 1);
      if (known > 0) bands.push(now.mean + (2 * sums.between(bucket - 26 * hour + 1, bucket + 1)) / known);
    }
    for (const back of [day, 7 * day]) {
      const then = hours[bucket - back + hour / 2];
      if (then) bands.push(then.mean + 2 * then.deviation);
    }
    const above = count > 0 && bands.length > 0 && count > Math.max(...bands);
    const alerts = above && before;
    before = above;
    return alerts;
  });
}

function hoursOf(counts: readonly number[]): (Hour | null)[] {
  const sums = prefixSums(counts);
  const squares = prefixSums(counts.map((count) => count ** 2));
  const times = prefixSums(counts.map((count) => (count > 0 ? 1 : 0)));
  return counts.map((_, bucket) => {
    const [from, to] = [bucket - hour + 1, bucket + 1];
    const known = times.between(from, to);
    if (known === 0) return null;
    const mean = sums.between(from, to) / known;
    return { mean, deviation: Math.sqrt(Math.max(0, squares.between(from, to) / known - mean ** 2)) };
  });
}
