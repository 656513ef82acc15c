/** A real Prometheus on a free port of loopback, and its promtool. */
import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Child, onFreePort, startChild } from "./child.ts";
import { toolPath } from "./ensure.ts";
import { pollInstant, queryInstant, type Row } from "./prometheus-query.ts";
import { tempFolder } from "./temp.ts";

/** A scrape job as its configuration has it. */
export type ScrapeJob = { job_name: string } & Record<string, unknown>;

export interface PrometheusOptions {
  /** Where configuration, data and the blocks of `createBlocks` live; made where it is missing, left behind. */
  dir: string;
  /** Default 1000. */
  scrapeIntervalMs?: number;
  /** host:port of targets with /metrics, as job "targets". */
  targets?: string[];
  jobs?: ScrapeJob[];
  externalLabels?: Record<string, string>;
  /** A file of rules, as its YAML has it. */
  rules?: object;
  /** Default "10y". */
  retention?: string;
  /** Default: the installed one. */
  program?: string;
  extraFlags?: string[];
}

export interface Prometheus {
  url: string;
  /** Of the process that runs now. */
  readonly pid: number;
  stop(): Promise<void>;
  kill9(): Promise<void>;
  /** Stopped or killed before or not: runs again on the same port and data. */
  restart(): Promise<void>;
  /** Reads its configuration again, with these scrape jobs in place of the first ones where given. */
  reload(jobs?: ScrapeJob[]): Promise<void>;
  /** An instant query; `timeMs` default now. Throws on any error of Prometheus. */
  query(promql: string, timeMs?: number): Promise<Row[]>;
  /** Asks every 100 ms until the rows please; throws with the last rows when `timeoutMs` (default 20,000) are over. */
  waitFor(promql: string, pleases: (rows: Row[]) => boolean, timeoutMs?: number): Promise<Row[]>;
  /** Waits until so many targets were each scraped once more from now on; answers the time of the last of those scrapes. */
  waitForScrape(targets: number, timeoutMs?: number): Promise<number>;
}

/** Starts Prometheus; ready to answer when it returns. The caller stops it. */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const { dir } = options;
  const configFile = join(dir, "prometheus.yml");
  mkdirSync(dir, { recursive: true });
  writeFileSync(configFile, configText(options));
  if (options.rules !== undefined) writeFileSync(join(dir, rulesFile), JSON.stringify(options.rules));
  const start = (port: number) => startServer(options, configFile, port);
  let { child, url, port } = await onFreePort(start);
  const query: Prometheus["query"] = (promql, timeMs) => queryInstant(url, promql, timeMs);
  const waitFor: Prometheus["waitFor"] = (...what) => pollInstant(url, ...what);
  return {
    url,
    get pid() {
      return child.pid;
    },
    stop: () => child.stop(),
    kill9: () => child.kill9(),
    async restart() {
      await child.stop();
      ({ child, url, port } = await start(port));
    },
    async reload(jobs) {
      if (jobs !== undefined) writeFileSync(configFile, configText({ ...options, jobs }));
      const answer = await fetch(`${url}/-/reload`, { method: "POST" });
      if (!answer.ok) throw new Error(`Prometheus does not take its configuration: ${await answer.text()}`);
    },
    query,
    waitFor,
    async waitForScrape(targets, timeoutMs) {
      // Prometheus moves a scrape's time by up to 10 ms (1 % of a second) to even the intervals out.
      const since = (Date.now() + 10) / 1000;
      const rows = await waitFor(`timestamp(up) >= ${since}`, (found) => found.length >= targets, timeoutMs);
      return Math.max(...rows.map((row) => row.value)) * 1000;
    },
  };
}

async function startServer(
  options: PrometheusOptions,
  configFile: string,
  port: number,
): Promise<{ child: Child; url: string; port: number }> {
  const url = `http://127.0.0.1:${port}`;
  const flags = [
    `--config.file=${configFile}`,
    `--storage.tsdb.path=${options.dir}`,
    `--storage.tsdb.retention.time=${options.retention ?? "10y"}`,
    `--web.listen-address=127.0.0.1:${port}`,
    "--web.enable-lifecycle",
    "--log.level=warn",
    ...(options.extraFlags ?? []),
  ];
  const ready = () =>
    fetch(`${url}/-/ready`).then(
      (answer) => answer.ok,
      () => false,
    );
  return { child: await startChild(options.program ?? toolPath("prometheus"), flags, ready), url, port };
}

const rulesFile = "rules.yml";

/** JSON is YAML: nothing to quote wrongly. */
function configText(options: PrometheusOptions): string {
  const interval = `${options.scrapeIntervalMs ?? 1000}ms`;
  const plain = { job_name: "targets", static_configs: [{ targets: options.targets ?? [] }] };
  return JSON.stringify({
    global: { scrape_interval: interval, scrape_timeout: interval, external_labels: options.externalLabels ?? {} },
    ...(options.rules === undefined ? {} : { rule_files: [rulesFile] }),
    scrape_configs: [...(options.targets === undefined ? [] : [plain]), ...(options.jobs ?? [])],
  });
}

/**
 * Writes OpenMetrics (text, or its pieces: counters, times in Unix seconds, "# EOF" last) as blocks into `dir`: that of a Prometheus which is
 * not yet running. promtool reads the text once for every two hours of it, so a longer past gets larger blocks.
 */
export async function createBlocks(openMetrics: string | Iterable<string>, dir: string): Promise<void> {
  const folder = tempFolder("blocks");
  try {
    const file = join(folder.path, "past.om");
    await writeFile(file, openMetrics);
    const args = ["tsdb", "create-blocks-from", "openmetrics", "--quiet", "--max-block-duration=240h", file, dir];
    await promisify(execFile)(toolPath("promtool"), args, { maxBuffer: 1 << 24 });
  } finally {
    folder.remove();
  }
}
