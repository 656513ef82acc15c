/** Lengths in buckets of five minutes, and what is counted in them. */
export const hour = 12;
export const day = 288;
export const week = 7 * day;
export const fortnight = 2 * week;

/** Calls by bucket, from a Monday 00:00 UTC; null where nothing was scraped. */
export type Counts = (number | null)[];

/** Half of it is history to learn from, half is scored. */
export const length = 2 * fortnight;

export function each<T>(count: (bucket: number) => T): T[] {
  return Array.from({ length }, (_, bucket) => count(bucket));
}
