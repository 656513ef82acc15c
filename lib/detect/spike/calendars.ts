import { bucketsPerDay, bucketsPerHour } from "./bucket.ts";
import { bucketsPerCell, type SpikeState, weekCells } from "./state.ts";

/** What one view of the past says of one bucket. */
export interface Calendar {
  /** Chance that the bucket has any call, inside (0, 1). */
  busy: number;
  /** Busy buckets that the size of a busy one is learned from. */
  seen: number;
  /** Calls beyond the first in them. */
  extra: number;
}

/** Which is which of the six, in the order of `calendarsAt`. */
export const wide = 3;

/** How many buckets' worth of the overall chance is mixed into each calendar. */
const shrinkage = { lately: 6, slot: 1, wide: 6, week: 2, runs: 2 };

/**
 * The six calendars' view of a bucket: always, lately, this 5 minutes of the day, around this time of day, this time of the week,
 * and whether calls come in runs. In: the state before the bucket, and the bucket. Out: six calendars, always in that order.
 * A hurdle model: any call at all, then how many; each calendar shrunk towards the overall rate.
 */
export function calendarsAt(state: SpikeState, bucket: number): Calendar[] {
  const { buckets, busy, calls } = state.always;
  const chance = (busy + 0.5) / (buckets + 1);
  const extraOfOne = (calls - busy + 1) / (busy + 1);
  const shrunk = (n: number, k: number, extra: number, weight: number): Calendar => ({
    busy: clip((k + weight * chance) / (n + weight)),
    seen: k + 1,
    extra: extra + extraOfOne,
  });
  const { lately } = state;
  const slot = aroundSlot(state, bucket, 1);
  const around = aroundSlot(state, bucket, 6);
  const week = timeOfWeek(state, bucket);
  const run = afterAnother(state);
  const size = { seen: busy + 1, extra: calls - busy + 1 };
  return [
    { busy: clip(chance), ...size },
    shrunk(lately.buckets, lately.busy, lately.calls - lately.busy, shrinkage.lately),
    shrunk(slot.buckets, slot.busy, slot.extra, shrinkage.slot),
    shrunk(around.buckets, around.busy, around.extra, shrinkage.wide),
    shrunk(week.buckets, week.busy, week.extra, shrinkage.week),
    { busy: clip((run.busy + shrinkage.runs * chance) / (run.buckets + shrinkage.runs)), ...size },
  ];
}

/** Calls a calendar expects in the bucket. */
export function meanOf({ busy, seen, extra }: Calendar): number {
  return busy * (1 + extra / seen);
}

/** Never quite certain, so that one bucket cannot be infinitely surprising. */
function clip(chance: number): number {
  return Math.min(Math.max(chance, 1e-9), 1 - 1e-9);
}

/** The slots of the day up to `reach` away, a nearer one weighing more. */
function aroundSlot(
  { slots, hours }: SpikeState,
  bucket: number,
  reach: number,
): { buckets: number; busy: number; extra: number } {
  let buckets = 0;
  let busy = 0;
  let extra = 0;
  for (let distance = -reach; distance <= reach; distance += 1) {
    const slot = (bucket + distance + bucketsPerDay) % bucketsPerDay;
    const weight = 1 - Math.abs(distance) / (reach + 1);
    const k = slots.busy[slot] ?? 0;
    // A slot was seen as often as its hour, on the whole, but at least as often as it was busy.
    buckets += weight * Math.max(hours[Math.floor(slot / bucketsPerHour)] ?? 0, k);
    busy += weight * k;
    extra += weight * ((slots.calls[slot] ?? 0) - k);
  }
  return { buckets, busy, extra };
}

/** The two-hour cell of the week, mixed with the neighbour whose centre is next nearest, so that no step shows between two. */
function timeOfWeek({ week }: SpikeState, bucket: number): { buckets: number; busy: number; extra: number } {
  const cell = Math.floor(bucket / bucketsPerCell) % weekCells;
  const place = ((bucket % bucketsPerCell) + 0.5) / bucketsPerCell;
  const neighbour = (cell + (place < 0.5 ? weekCells - 1 : 1)) % weekCells;
  const share = Math.abs(place - 0.5);
  const mix = (cells: Float32Array) => (1 - share) * (cells[cell] ?? 0) + share * (cells[neighbour] ?? 0);
  const busy = mix(week.busy);
  return { buckets: mix(week.buckets), busy, extra: mix(week.calls) - busy };
}

/** The buckets whose predecessor was like this one's: with a call, or without. */
function afterAnother({ always, runs, afterBusy }: SpikeState): { buckets: number; busy: number } {
  if (afterBusy) return runs;
  return { buckets: Math.max(always.buckets - runs.buckets, 0), busy: Math.max(always.busy - runs.busy, 0) };
}
