/** The clock of the spike detector: five-minute buckets in UTC, counted from a Monday. */

export const bucketsPerDay = 288;
export const bucketsPerWeek = 7 * bucketsPerDay;
export const bucketsPerHour = 12;

/** One bucket in milliseconds. */
export const bucketLength = 300_000;

/** The last bucket there is, in the year 22388: a bucket fits in 32 bits. */
export const lastBucket = 0x7fffffff;

/** Monday 1970-01-05 00:00 UTC, the first one after the epoch, so that `bucket % bucketsPerWeek` is the time of week. */
const firstMonday = 4 * 86_400_000;

/**
 * The bucket a moment falls in. In: milliseconds since the Unix epoch, UTC. Out: whole buckets since Monday 1970-01-05 00:00 UTC;
 * a bucket covers [bucketStart, bucketStart + 5 min). No local time anywhere: a cron in local time moves by an hour twice a year.
 */
export function bucketAt(time: number): number {
  return Math.floor((time - firstMonday) / bucketLength);
}

/** When a bucket begins. In: a bucket. Out: milliseconds since the Unix epoch, UTC. The reverse of `bucketAt`. */
export function bucketStart(bucket: number): number {
  return firstMonday + bucket * bucketLength;
}
