import { bucketsPerDay } from "./bucket.ts";

/** The weeks' calendar has a cell for two hours of the week. */
export const weekCells = 84;
export const bucketsPerCell = 24;

/** Six calendars with six burst shapes each; a weight for every pair, calendar by calendar. */
export const shapeCount = 6;
export const expertCount = 36;

/** One running sum of evidence for each excess looked for. */
export const cusumCount = 7;

/** "Last like this" is remembered for counts of at least 1, 2, 4 … 32768. */
export const ladderSteps = 16;

/** Sums over past buckets, older ones weighing less. */
export interface Tally {
  /** Buckets seen. */
  buckets: number;
  /** Those with any call. */
  busy: number;
  /** Calls in them. */
  calls: number;
}

/** A running sum of evidence for one excess, since it last stood at zero. */
export interface Cusum {
  /** ln of the likelihood ratio, nats; where it is not above zero the sum starts anew and the other three say nothing. */
  evidence: number;
  /** The bucket it started with. */
  since: number;
  /** Calls counted and calls expected from there on. */
  total: number;
  expected: number;
}

/** The episode that is open, or the last one. Buckets are -1 where there was none. */
export interface Episode {
  open: boolean;
  openedAt: number;
  /** Calls a bucket that were expected when it opened. */
  usual: number;
  /** Buckets in a row that were not high. */
  quiet: number;
  closedAt: number;
}

/**
 * All that is remembered of one key: `observe` changes it in place, `encode` writes it down. About 2 KB.
 * Buckets are those of `bucketAt`; tables hold bfloat16 numbers.
 */
export interface SpikeState {
  /** The latest bucket fed, -1 before the first. */
  last: number;
  /** Buckets missing since the last one that was scraped. */
  gap: number;
  /** Whether the bucket before had a call. */
  afterBusy: boolean;
  /** Half-life 14 days, and 3 hours. */
  always: Tally;
  lately: Tally;
  /** Of `always`, the buckets that follow a busy one. */
  runs: { buckets: number; busy: number };
  /** By 5 minutes of the day, half-life 14 visits, with the days seen by hour of the day. */
  slots: { busy: Float32Array; calls: Float32Array };
  hours: Float64Array;
  /** By two hours of the week, half-life 4 weeks. */
  week: { buckets: Float32Array; busy: Float32Array; calls: Float32Array };
  weights: Float64Array;
  cusums: Cusum[];
  episode: Episode;
  /** By power of two: the last bucket with at least so many calls, and the one an hour or more before it; -1 for never. */
  ladder: { last: Int32Array; before: Int32Array };
}

/** The state of a key nothing is known of. */
export function newState(): SpikeState {
  return {
    last: -1,
    gap: 0,
    afterBusy: false,
    always: { buckets: 0, busy: 0, calls: 0 },
    lately: { buckets: 0, busy: 0, calls: 0 },
    runs: { buckets: 0, busy: 0 },
    slots: { busy: new Float32Array(bucketsPerDay), calls: new Float32Array(bucketsPerDay) },
    hours: new Float64Array(24),
    week: {
      buckets: new Float32Array(weekCells),
      busy: new Float32Array(weekCells),
      calls: new Float32Array(weekCells),
    },
    weights: new Float64Array(expertCount).fill(1 / expertCount),
    cusums: Array.from({ length: cusumCount }, () => ({ evidence: 0, since: 0, total: 0, expected: 0 })),
    episode: { open: false, openedAt: -1, usual: 0, quiet: 0, closedAt: -1 },
    ladder: { last: new Int32Array(ladderSteps).fill(-1), before: new Int32Array(ladderSteps).fill(-1) },
  };
}
