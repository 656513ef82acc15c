import { bfloat16 } from "./bfloat16.ts";
import { bucketsPerDay, bucketsPerHour } from "./bucket.ts";
import { bucketsPerCell, expertCount, type SpikeState, type Tally, weekCells } from "./state.ts";

/** What is left of old knowledge after one visit. Half-lives: 14 days, 3 hours, 14 visits of a slot, 14 days of an hour's 12, 4 weeks of a cell's 24. */
interface Keep {
  always: number;
  lately: number;
  slot: number;
  hour: number;
  cell: number;
}

const keepOf = (pace: number): Keep => ({
  always: 2 ** (-pace / (14 * bucketsPerDay)),
  lately: 2 ** (-pace / (bucketsPerDay / 8)),
  slot: 2 ** (-pace / 14),
  hour: 2 ** (-pace / (14 * bucketsPerHour)),
  cell: 2 ** (-pace / (4 * bucketsPerCell)),
});

/** In the first three hours of an episode a bucket counts a quarter: an incident is not yet a habit. */
export const slowPace = 0.25;
export type Pace = 1 | typeof slowPace;
const keepAt: Record<Pace, Keep> = { 1: keepOf(1), [slowPace]: keepOf(slowPace) };

/** Share of the weights that is handed out evenly at each bucket, so that no expert is ever out for good. */
const evenShare = 1e-3;

/**
 * Moves weight to the experts that forecast the count best, in place. In: 36 weights that sum to 1; the 36 chances given to the count;
 * the pace. Source: Bayes' rule with a fixed share, Herbster & Warmuth 1998.
 */
export function learnWeights(weights: Float64Array, chances: readonly number[], pace: Pace): void {
  let sum = 0;
  for (let i = 0; i < expertCount; i += 1) {
    const chance = chances[i] ?? 0;
    const earned = (weights[i] ?? 0) * (pace === 1 ? chance : Math.sqrt(Math.sqrt(chance)));
    weights[i] = earned;
    sum += earned;
  }
  // No expert thought this possible: nobody has earned anything.
  if (!(sum > 1e-300)) {
    weights.fill(1 / expertCount);
    return;
  }
  for (let i = 0; i < expertCount; i += 1)
    weights[i] = ((1 - evenShare) * (weights[i] ?? 0)) / sum + evenShare / expertCount;
}

/** Adds a bucket to every calendar, in place. In: the state, the bucket, its count (whole, ≥ 0) and the pace. */
export function learnCount(state: SpikeState, bucket: number, count: number, pace: Pace): void {
  const keep = keepAt[pace];
  const busy = count > 0 ? pace : 0;
  const calls = pace * count;
  add(state.always, keep.always, pace, busy, calls);
  add(state.lately, keep.lately, pace, busy, calls);
  state.runs.buckets = state.runs.buckets * keep.always + (state.afterBusy ? pace : 0);
  state.runs.busy = state.runs.busy * keep.always + (state.afterBusy ? busy : 0);
  state.afterBusy = count > 0;

  const slot = bucket % bucketsPerDay;
  addCell(state.slots.busy, slot, keep.slot, busy);
  addCell(state.slots.calls, slot, keep.slot, calls);
  const hour = Math.floor(slot / bucketsPerHour);
  state.hours[hour] = (state.hours[hour] ?? 0) * keep.hour + pace / bucketsPerHour;

  const cell = Math.floor(bucket / bucketsPerCell) % weekCells;
  addCell(state.week.buckets, cell, keep.cell, pace);
  addCell(state.week.busy, cell, keep.cell, busy);
  addCell(state.week.calls, cell, keep.cell, calls);
}

function add(tally: Tally, keep: number, buckets: number, busy: number, calls: number): void {
  tally.buckets = tally.buckets * keep + buckets;
  tally.busy = tally.busy * keep + busy;
  tally.calls = tally.calls * keep + calls;
}

function addCell(cells: Float32Array, index: number, keep: number, value: number): void {
  cells[index] = bfloat16((cells[index] ?? 0) * keep + value);
}
