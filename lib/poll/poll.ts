/** Asks Prometheus for a window's rows, in slices that it can answer, and for the samples of what must be counted. */
import { isTooExpensive } from "../errors.ts";
import type { Counted, Counter, Labels, Samples, Series, Window } from "../model.ts";
import { aliveQuery, counters, growthQuery, oneOf, type QuerySettings, resetQuery, samplesQuery } from "./queries.ts";
import type { Telemetry } from "./telemetry.ts";

const minute = 60_000;
/** No slice is longer: a slice is also what is done again when a first run is cut off. */
const longestSlice = 24 * 60 * minute;
const shortestSlice = 5 * minute;
/** How far before a window a counter's last value is looked for: a series that was not scraped for longer counts as new. */
const lookback = 60 * minute;
/** The same where many are to be counted. */
const shortLookback = 5 * minute;
/** Scrapes are rarely closer together, ms; for estimating. */
const usualScrape = 15_000;
/** So many samples are fetched at most; as JSON they are some 25 MB. */
const mostSamples = 1_000_000;
/** Label sets whose destinations one query names; where there are many more, it names the workloads alone. */
const mostNamed = 100;
/** Characters of names in one query: VictoriaMetrics takes 16 KB, and escaping may double them. */
const mostCharacters = 5000;
const manyRows = 1000;

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

/**
 * What is known of how often: samples where they are few, else growth that the server added up, and the rows of which a counter was
 * reset meanwhile, so that their growth is not all.
 */
export type Counts = { samples: Counted<Samples>[] } | { growth: Counted<Series>[]; reset: Counted<Series>[] };

/** Asks how often each of the rows was counted in the window. */
export async function count(
  telemetry: Telemetry,
  rows: readonly Row[],
  window: Window,
  settings: QuerySettings,
): Promise<Counts> {
  const length = window.to - window.from;
  const back = [lookback, shortLookback].find((one) => rows.length * ((length + one) / usualScrape) <= mostSamples);
  if (back === undefined) {
    const asked = counters.filter((counter) => rows.some((row) => row.counter === counter));
    const ask = (query: typeof growthQuery) =>
      vectors(telemetry, asked, window, (counter) => query(counter, settings, length, lookback));
    return { growth: await ask(growthQuery), reset: await ask(resetQuery) };
  }
  return await countEach(telemetry, rows, window, settings, back);
}

/** Counts the rows from their stored samples, however many those are. */
export async function countEach(
  telemetry: Telemetry,
  rows: readonly Row[],
  window: Window,
  settings: QuerySettings,
  back: number = lookback,
): Promise<{ samples: Counted<Samples>[] }> {
  const length = window.to - window.from;
  const samples: Counted<Samples>[] = [];
  for (const { counter, matchers } of questions(rows, settings)) {
    const promql = samplesQuery(counter, settings, length + back, matchers);
    samples.push({ counter, series: await telemetry.samples(promql, window.to) });
  }
  return { samples };
}

async function vectors(
  telemetry: Telemetry,
  asked: readonly Counter[],
  window: Window,
  query: (counter: Counter) => string,
): Promise<Counted<Series>[]> {
  return await Promise.all(
    asked.map(async (counter) => ({ counter, series: await telemetry.vector(query(counter), window.to) })),
  );
}

/** Queries that together cover the rows' series, and few others. */
function questions(rows: readonly Row[], settings: QuerySettings): { counter: Counter; matchers: string }[] {
  return counters.flatMap((counter) => {
    const own = rows.filter((row) => row.counter === counter);
    const named = own.length <= manyRows;
    const asked = named ? own : [...new Map(own.map((row) => [workload(row), row])).values()];
    return chunked(asked).map((chunk) => ({ counter, matchers: matchersOf(chunk, named ? settings : null) }));
  });
}

const workload = ({ labels }: Row) => JSON.stringify([labels.source_workload_namespace, labels.source_workload]);

function chunked(rows: readonly Row[]): Row[][] {
  const chunks: Row[][] = [];
  let room = 0;
  for (const row of rows) {
    const size = Object.values(row.labels).join("").length;
    const chunk = chunks.at(-1);
    if (chunk === undefined || chunk.length >= mostNamed || size > room) {
      chunks.push([row]);
      room = mostCharacters - size;
    } else {
      chunk.push(row);
      room -= size;
    }
  }
  return chunks;
}

/** Matchers of the rows' workloads and, by the labels that all the rows have, of their destinations; null leaves those out. */
function matchersOf(rows: readonly Row[], settings: QuerySettings | null): string {
  const places = settings === null ? [] : ["destination_service", ...settings.labels.address];
  const where = places.filter((name) => rows.every((row) => row.labels[name]));
  return ["source_workload_namespace", "source_workload", ...where]
    .map((name) =>
      oneOf(
        name,
        rows.map((row) => row.labels[name] ?? ""),
      ),
    )
    .join(",");
}
