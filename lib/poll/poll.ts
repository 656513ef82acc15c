/** Asks Prometheus for a window's rows, in slices that it can answer, and for the samples of what must be counted. */
import { isTooExpensive } from "../errors.ts";
import type { Counted, Counter, Labels, Samples, Series, Window } from "../model.ts";
import { isOwnLabel, podOf } from "../words/istio-labels.ts";
import {
  aliveQuery,
  askedCounters,
  bornQuery,
  counters,
  growthQuery,
  identityLabels,
  lastQuery,
  type QuerySettings,
  resetQuery,
  samplesQuery,
} from "./queries.ts";
import { callerQuestions, type Question, questions, type Row } from "./questions.ts";
import type { Telemetry } from "./telemetry.ts";

const minute = 60_000;
/** No slice is longer: a slice is also what is done again when a first run is cut off. */
const longestSlice = 24 * 60 * minute;
const shortestSlice = 5 * minute;
/** How far before a window a counter's last value is looked for: a series that was not scraped for longer counts as new. */
const lookback = 60 * minute;
/** The same where that matters most: a counter of long ago that was not scraped for a while must not count as new. */
const longLookback = 24 * 60 * minute;
/** The same where many are to be counted. */
const shortLookback = 5 * minute;
/** Scrapes are rarely closer together, ms; for estimating. */
export const usualScrape = 15_000;
/** So many samples are fetched at most; as JSON they are some 25 MB. */
export const mostSamples = 1_000_000;

/** What tells the calls of one source and destination apart in every mesh; a set-up may add labels of its own. */
const usualLabels = ["response_code", "response_flags", "grpc_response_status", "connection_security_policy"];

/** A slice of a window and who was there in it. */
export interface Slice {
  window: Window;
  counted: Counted<Series>[];
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
    const { slice, range } = sliceOf(window, from, length, overlap);
    try {
      const ask = async (counter: Counter) => ({
        counter,
        series: await telemetry.vector(aliveQuery(counter, settings, range), slice.to),
      });
      const counted = await Promise.all(askedCounters(settings).map(ask));
      yield { window: slice, counted };
      from = slice.to;
    } catch (thrown) {
      if (!isTooExpensive(thrown) || length <= shortestSlice) throw thrown;
      length = Math.max(shortestSlice, Math.floor(Math.min(length, slice.to - slice.from) / 2));
    }
  }
}

function sliceOf(window: Window, from: number, length: number, overlap: number): { slice: Window; range: number } {
  const slice = { from, to: Math.min(from + length, window.to) };
  return { slice, range: slice.to - slice.from + (from === window.from ? overlap : 0) };
}

/**
 * Asks at once what `poll` will ask first, so that a caller who has something else to do first does it while the server is at work.
 * @returns the telemetry for `poll`: each of these answers is given once, an error as well
 */
export function askAhead(telemetry: Telemetry, window: Window, overlap: number, settings: QuerySettings): Telemetry {
  if (window.from >= window.to) return telemetry;
  const { slice, range } = sliceOf(window, window.from, longestSlice, overlap);
  const texts = askedCounters(settings).map((counter) => aliveQuery(counter, settings, range));
  const answers = new Map(texts.map((promql) => [promql, telemetry.vector(promql, slice.to)]));
  // An error is whoever's that asks for the answer.
  for (const one of answers.values()) one.catch(() => {});
  return {
    ...telemetry,
    vector(promql, at) {
      const answer = at === slice.to ? answers.get(promql) : undefined;
      if (answer !== undefined) answers.delete(promql);
      return answer ?? telemetry.vector(promql, at);
    },
  };
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
  if (back !== undefined) return await countEach(telemetry, rows, window, settings, back);
  const asked = counters.filter((counter) => rows.some((row) => row.counter === counter));
  const found = await labelSets(telemetry, rows, window, settings);
  // Copies of which one tells its pod and the other does not are for `countEach` to tell: no server adds them up right.
  if (new Set(found.map((labels) => podOf(labels) === "")).size > 1) {
    return await countEach(telemetry, rows, window, settings);
  }
  const labels = new Set([...usualLabels, ...found.flatMap((one) => Object.keys(one))]);
  const own = [...labels].filter((name) => isOwnLabel(name, settings.labels));
  const variants = own.filter((name) => !identityLabels(settings.labels).includes(name)).sort();
  const ask = (query: (counter: Counter) => string) => vectors(telemetry, asked, window, query);
  return {
    growth: await ask((counter) => growthQuery(counter, settings, length, lookback, variants)),
    reset: await ask((counter) => resetQuery(counter, settings, length, lookback)),
  };
}

/** The label sets of some of the rows' workloads as they are stored, which tell how this set-up labels and scrapes. */
async function labelSets(
  telemetry: Telemetry,
  rows: readonly Row[],
  window: Window,
  settings: QuerySettings,
): Promise<Labels[]> {
  const first = counters.flatMap((counter) =>
    callerQuestions(rows.filter((row) => row.counter === counter)).slice(0, 1),
  );
  const stored = await each(first, ({ counter, matchers }) =>
    telemetry.vector(lastQuery(counter, settings, window.to - window.from, matchers, 0), window.to),
  );
  return stored.flatMap(({ series }) => series.map(({ labels }) => labels));
}

/** Counts the rows from their stored samples, however many those are; `from` is where those begin (ms). */
export async function countEach(
  telemetry: Telemetry,
  rows: readonly Row[],
  window: Window,
  settings: QuerySettings,
  back: number = lookback,
): Promise<{ samples: Counted<Samples>[]; from: number }> {
  const range = window.to - window.from + back;
  const samples = await each(questions(rows, settings), ({ counter, matchers }) =>
    telemetry.samples(samplesQuery(counter, settings, range, matchers), window.to),
  );
  return { samples, from: window.from - back };
}

/**
 * Who was not there before the window, among all that the rows' workloads call: where a workload called so much that not all of it is
 * remembered, this is what it calls now for the first time. The answer is as long as what is new, whatever else the workloads call.
 */
export async function bornIn(
  telemetry: Telemetry,
  rows: readonly Row[],
  window: Window,
  settings: QuerySettings,
): Promise<Counted<Series>[]> {
  const length = window.to - window.from;
  return await each(callerQuestions(rows), ({ counter, matchers }) =>
    telemetry.vector(bornQuery(counter, settings, length, lookback, matchers), window.to),
  );
}

/** What the rows' counters stood at, if they were scraped in the day before the samples that `countEach` gives. */
export async function valuesBefore(
  telemetry: Telemetry,
  rows: readonly Row[],
  window: Window,
  settings: QuerySettings,
): Promise<Counted<Series>[]> {
  const offset = window.to - window.from + lookback;
  return await each(questions(rows, settings), ({ counter, matchers }) =>
    telemetry.vector(lastQuery(counter, settings, longLookback, matchers, offset), window.to),
  );
}

/** A question names workloads and destinations, so another one's pairs may be in its answer, too: each series comes once. */
async function each<T extends { labels: Labels }>(
  asked: readonly Question[],
  ask: (question: Question) => Promise<T[]>,
): Promise<Counted<T>[]> {
  const answers = new Map<Counter, Map<string, T>>();
  for (const question of asked) {
    const known = answers.get(question.counter) ?? new Map<string, T>();
    answers.set(question.counter, known);
    for (const one of await ask(question)) {
      const series = JSON.stringify(Object.entries(one.labels).sort(([a], [b]) => (a < b ? -1 : 1)));
      if (!known.has(series)) known.set(series, one);
    }
  }
  return [...answers].map(([counter, known]) => ({ counter, series: [...known.values()] }));
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
