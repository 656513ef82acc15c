/** How often somebody may ask: a bucket of tokens for each, filled again at a steady rate. Of this process alone; no I/O. */

/** Buckets that are kept: of more, those that nobody took from for longest are forgotten, and are full when they come again. */
const mostBuckets = 10_000;

export interface Limit {
  /** Seconds to wait where the bucket is empty; null where there was a token. */
  take(who: string): number | null;
}

/**
 * @param perMinute so many requests a minute, and as many at once
 * @param now a clock, ms
 */
export function limited(perMinute: number, now: () => number): Limit {
  const buckets = new Map<string, { left: number; at: number }>();
  const perMs = perMinute / 60_000;
  return {
    take(who) {
      const time = now();
      const { left, at } = buckets.get(who) ?? { left: perMinute, at: time };
      const filled = Math.min(perMinute, left + Math.max(0, time - at) * perMs);
      buckets.delete(who);
      buckets.set(who, { left: filled >= 1 ? filled - 1 : filled, at: time });
      const [oldest] = buckets.keys();
      if (buckets.size > mostBuckets && oldest !== undefined) buckets.delete(oldest);
      return filled >= 1 ? null : Math.max(1, Math.ceil((1 - filled) / perMs / 1000));
    },
  };
}
