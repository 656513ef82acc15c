/**
 * Others' rules at five-minute steps. What all of them leave out of the original: counts are known by bucket, at once, missing ones are
 * zero, and nothing is deduplicated by an alert manager afterwards.
 */
import { adaptiveBand } from "./adaptive-band.ts";
import { day, hour } from "./time.ts";
import { Histogram, prefixSums } from "./windows.ts";

export interface Peer {
  name: string;
  /** Buckets of the past that a decision rests on. */
  reach: number;
  /** In: counts. Out: for each of them, whether the rule alerts. */
  flags(counts: readonly number[]): boolean[];
}

/**
 * ElastAlert's `spike` rule with `timeframe: 1h`, `spike_height: 3`, `threshold_cur: 5`: this hour against the one before. After an alert
 * both windows are emptied and it waits until they are full again, as its `clear_windows` does. Approximated: windows move by buckets.
 */
function elastAlert(name: string, leastBefore: number): Peer {
  return {
    name,
    reach: 4 * hour,
    flags(counts) {
      const sums = prefixSums(counts);
      let wakes = 2 * hour;
      return counts.map((_, bucket) => {
        const end = bucket + 1;
        if (end < wakes) return false;
        const now = sums.between(end - hour, end);
        const before = sums.between(end - 2 * hour, end - hour);
        const alerts = now >= 5 && before >= leastBefore && now >= 3 * before;
        if (alerts) wakes = end + 2 * hour;
        return alerts;
      });
    },
  };
}

/** A static rule of Prometheus, `increase(…[5m]) > limit`, without `for`. */
function staticRule(limit: number): Peer {
  return { name: `static >${limit}`, reach: 0, flags: (counts) => counts.map((count) => count > limit) };
}

/** More than three standard deviations above the mean of the 24 hours before. Where nothing varied, anything above is. */
const zScore: Peer = {
  name: "z>3 24h",
  reach: day,
  flags(counts) {
    const sums = prefixSums(counts);
    const squares = prefixSums(counts.map((count) => count ** 2));
    return counts.map((count, bucket) => {
      if (bucket < day) return false;
      const mean = sums.between(bucket - day, bucket) / day;
      const variance = Math.max(0, squares.between(bucket - day, bucket) / day - mean ** 2);
      return count > mean + 3 * Math.sqrt(variance);
    });
  },
};

/** The modified z-score (Iglewicz & Hoaglin 1993), 0.6745 · (y − median) / MAD > 3.5, of the 24 hours before. With a MAD of zero, anything above the median is. */
const mad: Peer = {
  name: "MAD 3.5 24h",
  reach: day,
  flags(counts) {
    const past = new Histogram();
    return counts.map((count, bucket) => {
      const ready = bucket >= day;
      const median = ready ? past.median() : 0;
      const alerts = ready && 0.6745 * (count - median) > 3.5 * past.deviation(median);
      past.add(count);
      if (ready) past.remove(counts[bucket - day] ?? 0);
      return alerts;
    });
  },
};

export const peers: readonly Peer[] = [
  elastAlert("ElastAlert 3x", 0),
  elastAlert("ElastAlert 3x ref5", 5),
  staticRule(5),
  staticRule(20),
  zScore,
  mad,
  { name: "Grafana adaptive", reach: 7 * day + 2 * hour, flags: adaptiveBand },
];
