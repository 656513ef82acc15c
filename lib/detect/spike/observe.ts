import { ScoutError } from "../../errors.ts";
import { lastBucket } from "./bucket.ts";
import { type Calendar, calendarsAt, meanOf, wide } from "./calendars.ts";
import { barFor, type Closed, type Opened, paceAt, turn } from "./episode.ts";
import { addEvidence, dropEvidence } from "./evidence.ts";
import { explain } from "./explain.ts";
import { blendOf, chancesOf, expectedOf } from "./forecast.ts";
import { climb, lastLike } from "./ladder.ts";
import { learnCount, learnWeights } from "./learn.ts";
import type { SpikeParameters } from "./parameters.ts";
import type { Cusum, SpikeState } from "./state.ts";
import { tail } from "./tail.ts";

/** What one scraped bucket says. Counts are calls, evidence and threshold are nats, times are buckets. */
export interface Judged {
  status: "judged";
  /** Calls expected in this bucket. */
  expected: number;
  evidence: number;
  threshold: number;
  /** The run that the evidence is about: its first bucket, the calls in it, the calls expected in it. */
  since: number;
  total: number;
  totalExpected: number;
  opened: Opened;
  closed: Closed;
  /** Is an episode open after this bucket? It began at `state.episode.openedAt`. */
  open: boolean;
  /** Only where an episode opens: the chance of at least so many calls in this bucket, and the spike in words. */
  p: number | null;
  text: string | null;
}

/** `missing`: not scraped. `after-gap`: the first one after a gap, which may carry a backlog. `repeated`: fed before, nothing changed. */
export type Judgement = Judged | { status: "missing" | "after-gap" | "repeated" };

/** After half an hour without data what was counted before no longer speaks for what comes. */
const gapReset = 6;

/** A count above is judged as this many: beyond it the logarithms of Gamma functions lose their digits. */
const highest = 2 ** 40;

/**
 * Feeds one bucket to one key and judges it. Changes `state` in place; O(1).
 * In: the key's state; the bucket (`bucketAt`), in rising order; its count of calls, or null where nothing was scraped (missing is not zero:
 * nothing is learned and nothing resolves); the parameters. Buckets left out are taken as missing. A count that is no number or below zero
 * is missing too, a fraction is rounded. To have a bucket not judged, after a counter reset that was reported, feed null in its place.
 * Out: what the bucket says. Throws ScoutError "internal" for a bucket that is no whole number from 0 to `lastBucket`.
 * The sources of its parts stand with them.
 */
export function observe(
  state: SpikeState,
  bucket: number,
  count: number | null,
  parameters: SpikeParameters,
): Judgement {
  if (!Number.isInteger(bucket) || bucket < 0 || bucket > lastBucket)
    throw new ScoutError("internal", `no bucket: ${bucket}`);
  if (bucket <= state.last) return { status: "repeated" };
  const skipped = state.last < 0 ? 0 : bucket - state.last - 1;
  state.last = bucket;
  const scraped = count !== null && Number.isFinite(count) && count >= 0;
  miss(state, skipped + (scraped ? 0 : 1));
  if (!scraped) return { status: "missing" };
  if (state.gap > 0) {
    state.gap = 0;
    return { status: "after-gap" };
  }
  return judge(state, bucket, Math.min(Math.round(count), highest), parameters);
}

/** Counts buckets without data, in place. */
function miss(state: SpikeState, buckets: number): void {
  if (buckets === 0) return;
  state.gap += buckets;
  state.afterBusy = false;
  if (state.gap >= gapReset) dropEvidence(state.cusums);
}

function judge(state: SpikeState, bucket: number, count: number, parameters: SpikeParameters): Judged {
  const { weights, cusums } = state;
  const calendars = calendarsAt(state, bucket);
  const chances = chancesOf(calendars, count);
  const expected = expectedOf(calendars, weights);
  const { evidence, strongest } = addEvidence(cusums, bucket, count, expected, Math.log(blendOf(weights, chances)));
  const bar = barFor(state, parameters);
  const around = calendars[wide];
  const usual = around === undefined ? expected : meanOf(around);
  const { opened, closed } = turn(state, { bucket, count, expected, usual, evidence, strongest }, bar, parameters);
  const run = strongest ?? { since: bucket, total: count, expected };
  const judged: Judged = {
    status: "judged",
    expected,
    evidence,
    threshold: bar.threshold,
    since: run.since,
    total: run.total,
    totalExpected: run.expected,
    opened,
    closed,
    open: state.episode.open,
    p: opened === null ? null : tail(calendars, weights, count),
    text: opened === null ? null : inWords(state, bucket, count, run),
  };
  const pace = paceAt(state, bucket);
  learnWeights(weights, chances, pace);
  learnCount(state, bucket, count, pace);
  climb(state, bucket, count);
  return judged;
}

function inWords(
  state: SpikeState,
  bucket: number,
  count: number,
  { since, total, expected }: Omit<Cusum, "evidence">,
): string {
  const last = lastLike(state, count, since);
  return explain({ total, expected, buckets: bucket - since + 1, ago: last === null ? null : bucket - last });
}

/**
 * What the key's history says of the next bucket, without feeding it. In: the state, a bucket, a count to ask about.
 * Out: the calls expected and the chance of at least `count`.
 */
export function forecast(state: SpikeState, bucket: number, count: number): { expected: number; p: number } {
  const calendars: readonly Calendar[] = calendarsAt(state, bucket);
  return { expected: expectedOf(calendars, state.weights), p: tail(calendars, state.weights, count) };
}
