import { bucketsPerHour } from "./bucket.ts";
import { ladderSteps, type SpikeState } from "./state.ts";

/** ⌊log2⌋ of a count ≥ 1, at most the last step. */
function stepOf(count: number): number {
  return Math.min(31 - Math.clz32(Math.min(count, 2 ** ladderSteps)), ladderSteps - 1);
}

/**
 * When the key last had a bucket about as high as this one. In: the state before the bucket; its count (≥ 1), and the bucket its run
 * began with. Out: the last bucket before the run with at least 2^⌊log2 count⌋ calls, or null for never.
 */
export function lastLike({ ladder }: SpikeState, count: number, since: number): number | null {
  const step = stepOf(count);
  const last = ladder.last[step] ?? -1;
  const found = last >= since ? (ladder.before[step] ?? -1) : last;
  return found < 0 ? null : found;
}

/** Remembers a bucket for `lastLike`, in place. In: the state, the bucket, its count. Buckets within an hour are one occasion. */
export function climb({ ladder }: SpikeState, bucket: number, count: number): void {
  if (count < 1) return;
  for (let step = stepOf(count); step >= 0; step -= 1) {
    const last = ladder.last[step] ?? -1;
    if (last >= 0 && bucket - last > bucketsPerHour) ladder.before[step] = last;
    ladder.last[step] = bucket;
  }
}
