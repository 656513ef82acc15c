/** Times for which Prometheus has no data at all: it was down, or scraped nothing. No data is never "all quiet". */

import type { Window } from "../model.ts";
import { formatDuration } from "../words/duration.ts";
import type { Telemetry } from "./telemetry.ts";

const minute = 60_000;
const hour = 60 * minute;
/** So long without any sample is a gap; scrapes are rarely further apart. */
const reach = 2 * minute;
/** Where they are, a gap is this many times their distance: one scrape that failed or came late is none. */
const missed = 2.5;
const mostSteps = 2000;

/**
 * Gaps in (from, to], by what every scrape leaves behind (`up`), good to a step: a minute, or more in a window of days.
 * Null where there is no `up` in the whole window, which may mean no data or a server that keeps none: the caller knows more.
 */
export async function scrapeGaps(telemetry: Telemetry, window: Window): Promise<Window[] | null> {
  const found = await silences(telemetry, window, reach);
  if (found === null || found.length === 0) return found;
  const rare = missed * (await scrapeInterval(telemetry, window));
  return rare > reach ? await silences(telemetry, window, Math.ceil(rare / minute) * minute) : found;
}

/** Times in which nothing was scraped for so long (ms). */
async function silences(telemetry: Telemetry, window: Window, longest: number): Promise<Window[] | null> {
  const step = stepOf(window);
  const range = Math.max(longest, step);
  const promql = `count(present_over_time(up[${formatDuration(range)}]))`;
  const [scraped] = await telemetry.range(promql, window.from, window.to, step);
  if (scraped === undefined) return null;
  const present = new Set(scraped.values.map(([time]) => time));
  const gaps: Window[] = [];
  for (let time = window.from; time <= window.to; time += step) {
    if (present.has(time)) continue;
    const from = Math.max(window.from, time - range);
    const last = gaps.at(-1);
    if (last !== undefined && last.to >= from) last.to = time;
    else gaps.push({ from, to: time });
  }
  // One at the very begin is the end of a gap of the window before.
  return gaps.filter((gap) => gap.to > gap.from);
}

/** So far back the newest scrape is looked for. */
const longAgo = 24 * hour;

/**
 * When the newest data was scraped that a run of this window could see, ms: the window's end, good to two minutes, or where the gap began
 * that the window ends in, up to a day back. Null where nobody can tell: no `up` is kept, or this was
 * not answered.
 * @param gaps what `scrapeGaps` found
 */
export async function newestScrape(
  telemetry: Telemetry,
  window: Window,
  gaps: readonly Window[] | null,
): Promise<number | null> {
  const endsIn = (gap: Window | undefined, { from, to }: Window) =>
    gap !== undefined && to - gap.to < stepOf({ from, to }) ? gap : null;
  const last = gaps === null ? window : endsIn(gaps.at(-1), window);
  if (last === null) return window.to;
  if (last.from > window.from) return last.from;
  const day = { from: window.to - longAgo, to: window.to };
  // No run is to fail for what it tells of itself.
  const wider = await scrapeGaps(telemetry, day).catch(() => null);
  return wider === null ? null : (endsIn(wider.at(-1), day)?.from ?? window.to);
}

/** How far apart the scrapes of the target scraped most often are, ms, by the fullest hour. */
async function scrapeInterval(telemetry: Telemetry, window: Window): Promise<number> {
  const promql = "max(count_over_time(up[1h]))";
  const [scraped] = await telemetry.range(promql, window.from, window.to, stepOf(window));
  const most = (scraped?.values ?? []).reduce((sum, [, count]) => Math.max(sum, count), 1);
  return hour / most;
}

const stepOf = ({ from, to }: Window) => Math.max(minute, Math.ceil((to - from) / mostSteps / minute) * minute);
