/** Asks Prometheus for a window's rows, in slices that it can answer, and for the samples of what must be counted. */
import { isTooExpensive } from "../errors.ts";
import type { Counted, Counter, Labels, Samples, Series, Window } from "../model.ts";
import { aliveQuery, counters, growthQuery, oneOf, type QuerySettings, samplesQuery } from "./queries.ts";
import type { Telemetry } from "./telemetry.ts";

const minute = 60_000;
/** No slice is longer: a slice is also what is done again when a first run is cut off. */
const longestSlice = 24 * 60 * minute;
const shortestSlice = 5 * minute;
/** How far before a window a counter's last value is looked for: a series that was not scraped for longer counts as new. */
const lookback = 60 * minute;
/** Label sets in one samples query; each adds to the length of its matchers. */
const mostRowsAQuery = 100;
/** Rows × hours whose samples are fetched one by one: at a scrape every 15 s, 500 row-hours are 120,000 samples, some 3 MB. */
const mostRowHours = 500;

/** A slice of a window and who was there in it. */
export interface Slice {
  window: Window;
  counted: Counted<Series>[];
}

/** A label set of one counter, to be counted. */
export interface Row {
  counter: Counter;
  labels: Labels;
}

/**
 * Who is there, slice by slice, oldest first. A slice that the server finds too expensive is halved, down to five minutes.
 * @param overlap ms that the first slice reaches further back, for samples that came late to the window before
 */
export async function* poll(
  telemetry: Telemetry,
  window: Window,
  overlap: number,
  settings: QuerySettings,
): AsyncGenerator<Slice> {
  let length = longestSlice;
  let from = window.from;
  while (from < window.to) {
    const slice = { from, to: Math.min(from + length, window.to) };
    const range = slice.to - slice.from + (from === window.from ? overlap : 0);
    try {
      const ask = async (counter: Counter) => ({
        counter,
        series: await telemetry.vector(aliveQuery(counter, settings, range), slice.to),
      });
      const counted = await Promise.all(counters.map(ask));
      yield { window: slice, counted };
      from = slice.to;
    } catch (thrown) {
      if (!isTooExpensive(thrown) || length <= shortestSlice) throw thrown;
      length = Math.max(shortestSlice, Math.floor(Math.min(length, slice.to - slice.from) / 2));
    }
  }
}

/** What is known of how often: samples where they are few, else growth that the server added up. */
export type Counts = { samples: Counted<Samples>[] } | { growth: Counted<Series>[] };

/** Asks how often each of the rows was counted in the window. */
export async function count(
  telemetry: Telemetry,
  rows: readonly Row[],
  window: Window,
  settings: QuerySettings,
): Promise<Counts> {
  const length = window.to - window.from;
  const hours = (length + lookback) / (60 * minute);
  if (rows.length * hours > mostRowHours) {
    const asked = counters.filter((counter) => rows.some((row) => row.counter === counter));
    const grow = async (counter: Counter) => ({
      counter,
      series: await telemetry.vector(growthQuery(counter, settings, length, lookback, ""), window.to),
    });
    return { growth: await Promise.all(asked.map(grow)) };
  }
  const chunks = counters.flatMap((counter) => chunked(rows.filter((row) => row.counter === counter)));
  const samples: Counted<Samples>[] = [];
  for (const chunk of chunks) {
    const counter = chunk[0]?.counter ?? "requests";
    const promql = samplesQuery(counter, settings, length + lookback, matchersOf(chunk, settings));
    samples.push({ counter, series: await telemetry.samples(promql, window.to) });
  }
  return { samples };
}

function chunked(rows: readonly Row[]): Row[][] {
  const chunks: Row[][] = [];
  for (let at = 0; at < rows.length; at += mostRowsAQuery) chunks.push(rows.slice(at, at + mostRowsAQuery));
  return chunks;
}

/** Matchers that hold for the rows' series and few others: workloads, and where to by the labels all the rows have. */
function matchersOf(rows: readonly Row[], settings: QuerySettings): string {
  const where = ["destination_service", ...settings.labels.address].filter((name) =>
    rows.every((row) => row.labels[name]),
  );
  return ["source_workload_namespace", "source_workload", ...where]
    .map((name) =>
      oneOf(
        name,
        rows.map((row) => row.labels[name] ?? ""),
      ),
    )
    .join(",");
}
