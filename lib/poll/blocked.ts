/** Samples of what was blocked, for counting it bucket by bucket. */
import type { Counted, Counter, Samples, Series, Window } from "../model.ts";
import { lastQuery, type QuerySettings, samplesQuery, selector } from "./queries.ts";
import type { Telemetry } from "./telemetry.ts";

const minute = 60_000;
const blackHole = 'destination_service_name="BlackHoleCluster"';
const counters: readonly Counter[] = ["requests", "opened", "closed"];
/** Up to here every stored sample is fetched; of a longer time the value at the end of each bucket. */
const longestExact = 60 * minute;
const longestRange = 24 * 60 * minute;

/** Every series of BlackHoleCluster in (from - before, to]: exact for an hour, by the `bucket` (ms) for longer. */
export async function blockedSamples(
  telemetry: Telemetry,
  window: Window,
  { before, bucket }: { before: number; bucket: number },
  settings: QuerySettings,
): Promise<Counted<Samples>[]> {
  const from = window.from - before;
  const exact = window.to - window.from <= longestExact;
  const ask = async (counter: Counter): Promise<Counted<Samples>> => {
    if (exact) {
      return {
        counter,
        series: await telemetry.samples(samplesQuery(counter, settings, window.to - from, blackHole), window.to),
      };
    }
    const promql = `last_over_time(${selector(counter, settings, blackHole)}[5m])`;
    const parts: Samples[][] = [];
    for (let at = from; at <= window.to; at += longestRange) {
      parts.push(await telemetry.range(promql, at, Math.min(at + longestRange - bucket, window.to), bucket));
    }
    return { counter, series: joined(parts.flat()) };
  };
  return await Promise.all(counters.map(ask));
}

/** What the counters of BlackHoleCluster stood at, if they were scraped in the day before the samples that `blockedSamples` gives. */
export async function blockedBefore(
  telemetry: Telemetry,
  window: Window,
  before: number,
  settings: QuerySettings,
): Promise<Counted<Series>[]> {
  const offset = window.to - window.from + before;
  const ask = async (counter: Counter) => {
    const promql = lastQuery(counter, settings, longestRange, blackHole, offset);
    return { counter, series: await telemetry.vector(promql, window.to) };
  };
  return await Promise.all(counters.map(ask));
}

/** Parts of one series, in order of time, as one. */
function joined(parts: readonly Samples[]): Samples[] {
  const whole = new Map<string, Samples>();
  for (const part of parts) {
    const key = JSON.stringify(Object.entries(part.labels).sort());
    const before = whole.get(key);
    whole.set(key, before === undefined ? part : { labels: part.labels, values: [...before.values, ...part.values] });
  }
  return [...whole.values()];
}
