/** How far back does Prometheus' data reach? A first run learns from it, and a plan looks back over it. */

import { type QuerySettings, selector } from "../poll/queries.ts";
import type { Telemetry } from "../poll/telemetry.ts";
import { formatDuration, parseDuration } from "../words/duration.ts";
import { ok, type Said, warn } from "./check.ts";

const hour = 3_600_000;
const day = 24 * hour;
/** What `plan` looks back over, ms. */
const planned = 30 * day;
const steps = [hour, 6 * hour, day, 2 * day, 3 * day, 5 * day, 7 * day, 10 * day, 14 * day, 21 * day, planned];

/** @param told what the server says it keeps; null where it does not say. @param learn ms */
export async function checkRetention(
  telemetry: Telemetry,
  settings: QuerySettings,
  told: string | null,
  learn: number,
  at: number,
): Promise<Said> {
  const asked = [...new Set([...steps, learn])].sort((a, b) => b - a);
  const there = await Promise.all(
    asked.map(async (back) => ((await hasData(telemetry, settings, at, back)) ? back : 0)),
  );
  const reach = Math.max(...there);
  const says = told === null ? "" : `; the server says it keeps ${told}`;
  const found =
    reach === 0 ? `no data that is an hour old${says}` : `data of ${formatDuration(reach)} ago is there${says}`;
  if (reach >= planned && reach >= learn)
    return ok(found, "A first run learns, and a plan looks back, as far as they want to.");
  const learns =
    reach < learn
      ? `A first run wants to learn ${formatDuration(learn)} and will know less: what is rare comes as new. `
      : "";
  const wanted = Math.max(planned, learn);
  const isYoung = (parseDuration(told ?? "") ?? 0) >= wanted;
  const keep = isYoung
    ? "wait: it keeps enough, and is young"
    : `keep ${formatDuration(wanted)} or more (--storage.tsdb.retention.time), or ask a long-term store; where Prometheus is young, wait`;
  return warn(
    found,
    `${learns}A plan wants to look back ${formatDuration(planned)}: what is called once a month it cannot know.`,
    reach === 0 ? keep : `${keep}. Until then: plan --since ${formatDuration(reach)}`,
  );
}

/** Anything scraped then, or any catch-all series soon after: within an hour, or half the way to now where that is less. */
async function hasData(telemetry: Telemetry, settings: QuerySettings, at: number, back: number): Promise<boolean> {
  const [any] = await telemetry.vector("count(up)", at - back);
  if (any !== undefined) return true;
  const soon = Math.min(hour, back / 2);
  const series = (["requests", "opened"] as const).map(
    (one) => `count(last_over_time(${selector(one, settings)}[${formatDuration(soon)}]))`,
  );
  return (await telemetry.vector(series.join(" or "), at - back + soon)).length > 0;
}
