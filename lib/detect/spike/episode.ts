import { bucketsPerDay, bucketsPerHour } from "./bucket.ts";
import { capEvidence, dropEvidence } from "./evidence.ts";
import { type Pace, slowPace } from "./learn.ts";
import type { SpikeParameters } from "./parameters.ts";
import type { Cusum, SpikeState } from "./state.ts";

/** A key is young for a week: its calendars know too little, so that more is asked of a spike. */
const youngDays = 7;
const youngRatio = 2;
const youngExtra = 2;

/**
 * Times the expected calls that the latest bucket must reach for an episode to open: the design's own, however large the run is asked to be.
 * One bucket is noise: of incidents on a daily curve one in 800 had evidence and size enough and missed a bar of 2 by its latest bucket.
 */
const openingRatio = 1.5;

/** An episode ends after half an hour that is not high, or after twelve hours: then it is the new normal. */
const quietBuckets = 6;
const adoptAfter = 144;

/** One that comes back within an hour is the same one. */
const mergeBuckets = bucketsPerHour;

/** For so long after its beginning an episode is learned slowly. */
const slowBuckets = 36;

/** Evidence above the threshold that is kept. */
const headroom = 3;

/** What is asked of a spike just now. */
export interface Bar {
  /** Evidence, nats. */
  threshold: number;
  /** Times the expected calls that the run must reach, and a bucket for an episode to go on. */
  ratio: number;
  /** The same of the latest bucket for one to open. */
  opening: number;
}

/** The bar for a key of this age. In: the state and the parameters. */
export function barFor({ always }: SpikeState, { threshold, minRatio }: SpikeParameters): Bar {
  const age = always.buckets / bucketsPerDay;
  if (age >= youngDays) return { threshold, ratio: minRatio, opening: Math.min(minRatio, openingRatio) };
  const extra = youngExtra * (1 - age / youngDays);
  return { threshold: threshold + extra, ratio: Math.max(minRatio, youngRatio), opening: youngRatio };
}

/** One bucket as the episode sees it. */
export interface Reading {
  bucket: number;
  count: number;
  /** Calls the blend expects, and what is usual around this time of day. */
  expected: number;
  usual: number;
  evidence: number;
  strongest: Cusum | undefined;
}

export type Opened = "new" | "again" | null;
export type Closed = "quiet" | "new-normal" | null;

/**
 * Opens or closes the key's episode, in place. In: the state with the bucket's evidence added, the bucket's reading, the bar, the parameters.
 * Out: `opened` "new", or "again" where it goes on within an hour of closing (same `openedAt`); `closed` and why; both null where nothing
 * changes.
 */
export function turn(
  state: SpikeState,
  reading: Reading,
  bar: Bar,
  parameters: SpikeParameters,
): { opened: Opened; closed: Closed } {
  const { episode } = state;
  const { bucket, count, expected, usual } = reading;
  // Against what was usual when it began, not against an expectation that has learned from the episode since.
  const reference = episode.open ? Math.max(episode.usual, usual) : expected;
  const high = count > 0 && count >= (episode.open ? bar.ratio : bar.opening) * reference;
  if (episode.open) {
    episode.quiet = high ? 0 : episode.quiet + 1;
    const closed =
      episode.quiet >= quietBuckets ? "quiet" : bucket - episode.openedAt >= adoptAfter ? "new-normal" : null;
    if (closed !== null) {
      episode.open = false;
      episode.closedAt = bucket;
      dropEvidence(state.cusums);
    }
    return { opened: null, closed };
  }
  let opened: Opened = null;
  if (high && isSpike(reading, bar, parameters)) {
    opened = episode.closedAt < 0 || bucket - episode.closedAt > mergeBuckets ? "new" : "again";
    Object.assign(episode, {
      open: true,
      quiet: 0,
      usual: expected,
      openedAt: opened === "new" ? bucket : episode.openedAt,
    });
  }
  capEvidence(state.cusums, bar.threshold + headroom);
  return { opened, closed: null };
}

/** Is there evidence enough, and is the run large enough for a person to care? */
function isSpike({ evidence, strongest }: Reading, bar: Bar, { minExcess }: SpikeParameters): boolean {
  if (strongest === undefined || evidence < bar.threshold) return false;
  const { total, expected } = strongest;
  return total - expected >= minExcess && total >= bar.ratio * expected;
}

/** How fast to learn from a bucket, once the episode has turned. */
export function paceAt({ episode }: SpikeState, bucket: number): Pace {
  return episode.open && bucket - episode.openedAt < slowBuckets ? slowPace : 1;
}
