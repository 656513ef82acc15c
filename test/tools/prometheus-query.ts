/** The smallest reader of Prometheus' instant queries: tests ask it what is true, so it shares nothing with lib/poll. */
import { setTimeout as sleep } from "node:timers/promises";

export interface Row {
  /** With `__name__` where the query keeps it. */
  labels: Record<string, string>;
  /** "+Inf", "-Inf" and "NaN" included. */
  value: number;
  timeMs: number;
}

interface Answer {
  status: string;
  error?: string;
  data?: {
    resultType: string;
    result: { metric: Record<string, string>; value: [number, string] }[] | [number, string];
  };
}

/** One instant query at `timeMs` (default now): a vector's rows, or a scalar as one row without labels. Throws on any error. */
export async function queryInstant(url: string, promql: string, timeMs = Date.now()): Promise<Row[]> {
  const body = new URLSearchParams({ query: promql, time: String(timeMs / 1000) });
  const answer = (await (await fetch(`${url}/api/v1/query`, { method: "POST", body })).json()) as Answer;
  const data = answer.data;
  if (answer.status !== "success" || data === undefined) throw new Error(`${promql}: ${answer.error ?? answer.status}`);
  if (data.resultType === "scalar") return [rowOf({}, data.result as [number, string])];
  if (data.resultType !== "vector") throw new Error(`${promql} gives a ${data.resultType}, not a vector`);
  return (data.result as { metric: Record<string, string>; value: [number, string] }[]).map(({ metric, value }) =>
    rowOf(metric, value),
  );
}

function rowOf(labels: Record<string, string>, [seconds, text]: [number, string]): Row {
  const value = text === "+Inf" ? Infinity : text === "-Inf" ? -Infinity : Number(text);
  return { labels, value, timeMs: seconds * 1000 };
}

/** Asks every 100 ms until the rows please, and answers them; throws with the last ones when `timeoutMs` are over. */
export async function pollInstant(
  url: string,
  promql: string,
  pleases: (rows: Row[]) => boolean,
  timeoutMs = 20_000,
): Promise<Row[]> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const rows = await queryInstant(url, promql);
    if (pleases(rows)) return rows;
    const last = JSON.stringify(rows).slice(0, 2000);
    if (Date.now() >= deadline) throw new Error(`not so after ${timeoutMs} ms: ${promql} gives ${last}`);
    await sleep(100);
  }
}
