/** A real VictoriaMetrics (one node) on a free port of loopback: the other server that the counts must be right on. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Child, onFreePort, startChild } from "./child.ts";
import { toolPath } from "./ensure.ts";
import { queryInstant, type Row } from "./prometheus-query.ts";

export interface VictoriaMetricsOptions {
  /** Its data goes into a folder in there; made where it is missing, left behind. */
  dir: string;
  extraFlags?: string[];
}

export interface VictoriaMetrics {
  /** Answers Prometheus' query API. */
  url: string;
  stop(): Promise<void>;
  /** Takes a past as `createBlocks` does (OpenMetrics, text or pieces of whole lines); all of it can be found when this returns. */
  take(openMetrics: string | Iterable<string>): Promise<void>;
  /** An instant query; `timeMs` default now. Throws on any error. */
  query(promql: string, timeMs?: number): Promise<Row[]>;
}

/** So many characters go in one request. */
const batchSize = 1 << 23;

/** Starts VictoriaMetrics, without deduplication; ready to answer when it returns. The caller stops it. */
export async function startVictoriaMetrics(options: VictoriaMetricsOptions): Promise<VictoriaMetrics> {
  const { child, url } = await onFreePort((port) => startServer(options, port));
  return {
    url,
    stop: () => child.stop(),
    query: (promql, timeMs) => queryInstant(url, promql, timeMs),
    async take(openMetrics) {
      const pieces = typeof openMetrics === "string" ? [openMetrics] : openMetrics;
      for (const batch of batches(pieces)) await post(`${url}/api/v1/import/prometheus`, inMilliseconds(batch));
      await post(`${url}/internal/force_flush`, "");
    },
  };
}

async function startServer(
  { dir, extraFlags = [] }: VictoriaMetricsOptions,
  port: number,
): Promise<{ child: Child; url: string }> {
  mkdirSync(dir, { recursive: true });
  const url = `http://127.0.0.1:${port}`;
  const flags = [
    `-storageDataPath=${join(dir, "victoria-metrics-data")}`,
    `-httpListenAddr=127.0.0.1:${port}`,
    "-retentionPeriod=100y",
    "-search.latencyOffset=0",
    // The default of 30 is less than Istio's labels and those of a scrape; it drops the last ones.
    "-maxLabelsPerTimeseries=100",
    "-loggerLevel=ERROR",
    ...extraFlags,
  ];
  const ready = () =>
    fetch(`${url}/health`).then(
      (answer) => answer.ok,
      () => false,
    );
  return { child: await startChild(toolPath("victoria-metrics"), flags, ready), url };
}

function* batches(pieces: Iterable<string>): Generator<string> {
  let batch = "";
  for (const piece of pieces) {
    batch += piece;
    if (batch.length < batchSize) continue;
    yield batch;
    batch = "";
  }
  yield batch;
}

/** OpenMetrics has seconds with three decimals at the end of a sample's line, the older text format milliseconds. */
const inMilliseconds = (text: string) => text.replace(/ (\d+)\.(\d{3})$/gm, " $1$2");

async function post(url: string, body: string): Promise<void> {
  const answer = await fetch(url, { method: "POST", body });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
}
