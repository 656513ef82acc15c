/** How many calls left the mesh lately, by passage: for a picture, and not for a finding, which is counted exactly. */

import type { Counter, Passage, Window } from "../model.ts";
import { formatDuration } from "../words/duration.ts";
import { type QuerySettings, selector } from "./queries.ts";
import type { Telemetry } from "./telemetry.ts";

/** Each call once: a TCP connection when it is opened. */
const asked: readonly Counter[] = ["requests", "dynamic", "opened"];

/**
 * Calls of each `step` (ms) of the window, oldest first, as Prometheus' `increase` estimates them: the first call of a new counter is not in it.
 * @throws ScoutError `prometheus/…`
 */
export async function callsCourse(
  telemetry: Telemetry,
  settings: QuerySettings,
  { from, to }: Window,
  step: number,
): Promise<Record<Passage, number[]>> {
  const length = Math.floor((to - from) / step);
  const first = to - (length - 1) * step;
  const course = { allowed: new Array<number>(length).fill(0), blocked: new Array<number>(length).fill(0) };
  for (const counter of asked) {
    for (const { labels, values } of await telemetry.range(callsQuery(counter, settings, step), first, to, step)) {
      const counts = course[labels.destination_service_name === "BlackHoleCluster" ? "blocked" : "allowed"];
      for (const [time, value] of values) {
        const index = Math.round((time - first) / step);
        if (index in counts && value > 0 && Number.isFinite(value)) counts[index] = (counts[index] ?? 0) + value;
      }
    }
  }
  return course;
}

function callsQuery(counter: Counter, settings: QuerySettings, step: number): string {
  const grown = `increase(${selector(counter, settings)}[${formatDuration(step)}])`;
  return counter === "dynamic" ? `sum(${grown})` : `sum by (destination_service_name) (${grown})`;
}
