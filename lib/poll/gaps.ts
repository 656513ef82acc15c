/** Times for which Prometheus has no data at all: it was down, or scraped nothing. No data is never "all quiet". */
import { formatDuration } from "../duration.ts";
import type { Window } from "../model.ts";
import type { Telemetry } from "./telemetry.ts";

const minute = 60_000;
/** A step without any sample in so long a time is a gap; scrapes are rarely further apart. */
const reach = 2 * minute;
const mostSteps = 2000;

/**
 * Gaps in (from, to], by what every scrape leaves behind (`up`), good to a step: a minute, or more in a window of days.
 * Null where there is no `up` in the whole window, which may mean no data or a server that keeps none: the caller knows more.
 */
export async function scrapeGaps(telemetry: Telemetry, window: Window): Promise<Window[] | null> {
  const length = window.to - window.from;
  const step = Math.max(minute, Math.ceil(length / mostSteps / minute) * minute);
  const range = Math.max(reach, step);
  const [scraped] = await telemetry.range(
    `count(present_over_time(up[${formatDuration(range)}]))`,
    window.from,
    window.to,
    step,
  );
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
