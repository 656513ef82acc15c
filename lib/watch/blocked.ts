/** What a run must know beside its window: when there was no data, and the blocked calls of each five-minute bucket that ended. */
import type { Blindness, Buckets, Window } from "../model.ts";
import { bucketCounts } from "../observe/buckets.ts";
import { withValuesBefore } from "../observe/holes.ts";
import { blockedBefore, blockedSamples } from "../poll/blocked.ts";
import { newestScrape, scrapeGaps } from "../poll/gaps.ts";
import type { Telemetry } from "../poll/telemetry.ts";
import type { WatchSettings } from "./counts.ts";

export interface Blocked {
  window: Window;
  buckets: Buckets[];
}

const bucket = 5 * 60_000;
/** How far before the first bucket a counter's value is looked for, ms. */
const before = 60 * 60_000;
/** Before its first samples nobody knows what a counter was: no history is longer than this, ms. */
const longest = 28 * 24 * 60 * 60_000;

const floor = (time: number) => Math.floor(time / bucket) * bucket;

/** The buckets that ended in the window and were not judged yet; null where none did. */
export function dueBuckets(window: Window, judgedUntil: number | null): Window | null {
  const to = floor(window.to);
  const from = Math.max(judgedUntil ?? floor(window.from), to - longest);
  return from < to ? { from, to } : null;
}

/**
 * Blocked calls by bucket.
 * @param gaps times without data, which tell where all data begins in a history that is learned
 * @param isHistory nothing is known of the time before the buckets
 */
export async function watchBlocked(
  telemetry: Telemetry,
  settings: WatchSettings,
  window: Window,
  gaps: readonly Window[],
  isHistory: boolean,
): Promise<Blocked> {
  const samples = await blockedSamples(telemetry, window, { before, bucket }, settings);
  const first = samples
    .flatMap((one) => one.series)
    .reduce((least, { values }) => Math.min(least, values[0]?.[0] ?? window.to), Number.POSITIVE_INFINITY);
  const silent = gaps.find((gap) => gap.from <= window.from);
  const dataBegins = isHistory ? (silent?.to ?? first) : null;
  const isBack =
    !isHistory && samples.some((one) => one.series.some(({ values }) => (values[0]?.[0] ?? 0) > window.from));
  const known = isBack ? await blockedBefore(telemetry, window, before, settings) : [];
  const whole = withValuesBefore(samples, known, window.from - before);
  if (isHistory) return { window, buckets: bucketCounts(whole, window, bucket, dataBegins, settings) };
  // What a counter was at its first sample is not known before: the first two buckets of the samples are not told.
  const since = window.from - before;
  const shown = { from: since + 2 * bucket, to: window.to };
  const more = Math.round((window.from - shown.from) / bucket);
  const buckets = bucketCounts(whole, shown, bucket, since, settings).map((one) => ({
    ...one,
    counts: one.counts.slice(more),
    earlier: one.counts.slice(0, more),
  }));
  return { window, buckets };
}

/** Gaps of Prometheus' data, what to say of them, and when the newest was scraped (ms, null where nobody can tell). Where no `up` is kept, having no series at all is all there is to see. */
export async function watchGaps(
  telemetry: Telemetry,
  window: Window,
  { series, known }: { series: number; known: number },
): Promise<{ gaps: Window[]; blind: Blindness[]; newest: number | null }> {
  if (window.from >= window.to) return { gaps: [], blind: [], newest: null };
  const gaps = await scrapeGaps(telemetry, window);
  const newest = await newestScrape(telemetry, window, gaps);
  const iso = (time: number) => new Date(time).toISOString();
  const texts = (gaps ?? []).map((gap) => `no data in Prometheus from ${iso(gap.from)} to ${iso(gap.to)}`);
  if (texts.length > 0)
    return { gaps: gaps ?? [], blind: [{ code: "gap", text: texts.slice(0, 5).join("; ") }], newest };
  if (series > 0 || known === 0) return { gaps: [], blind: [], newest };
  const text = `no series of the catch-alls at all, though ${known} destinations are known: perhaps the proxies are not scraped any more`;
  // A long gap begins and ends with some `up` and has none in between: one cause, one code. What was blocked meanwhile nobody knows.
  return { gaps: [window], blind: [{ code: gaps === null ? "gap" : "no-series", text }], newest };
}
