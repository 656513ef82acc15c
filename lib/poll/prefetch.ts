/** Answers many instant queries at even steps from a few range queries: what replays and nothing else needs. */
import { isTooExpensive } from "../errors.ts";
import type { Series } from "../model.ts";
import type { Telemetry } from "./telemetry.ts";

/** Steps in one range query at first; halved where the server finds it too much. */
const mostSteps = 72;

/**
 * The same telemetry, but a `vector` asked at the same text step after step comes from a range query over many steps.
 * @param until the last time that will be asked, ms
 * @param step between two, ms
 */
export function prefetched(telemetry: Telemetry, { until, step }: { until: number; step: number }): Telemetry {
  const ahead = new Map<string, Map<number, Series[]>>();
  let steps = mostSteps;

  async function fetch(promql: string, at: number): Promise<Map<number, Series[]>> {
    const to = Math.min(until, at + (steps - 1) * step);
    try {
      const rows = await telemetry.range(promql, at, to, step);
      const byTime = new Map<number, Series[]>();
      for (let time = at; time <= to; time += step) byTime.set(time, []);
      for (const { labels, values } of rows) {
        for (const [time, value] of values) byTime.get(time)?.push({ labels, value });
      }
      return byTime;
    } catch (thrown) {
      if (!isTooExpensive(thrown) || steps === 1) throw thrown;
      steps = Math.max(1, Math.floor(steps / 2));
      return await fetch(promql, at);
    }
  }

  return {
    ...telemetry,
    async vector(promql, at) {
      const known = ahead.get(promql)?.get(at);
      if (known !== undefined) return known;
      if (at + step > until) return await telemetry.vector(promql, at);
      const fetched = await fetch(promql, at);
      ahead.set(promql, fetched);
      return fetched.get(at) ?? [];
    },
  };
}
