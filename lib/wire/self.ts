/** Config → what watches egress-scout itself: metrics of each run, and a heartbeat. */
import { resolve } from "node:path";
import { credentials, type Reveal } from "../config/credentials.ts";
import { milliseconds } from "../config/milliseconds.ts";
import type { Config, Secret } from "../config/schema.ts";
import { asScoutError, ConfigError, type ScoutError } from "../errors.ts";
import { failedMetrics, type OwnMetric, ownMetrics, type Run } from "../report/self.ts";
import { beat, type DeadmanSettings, isByCluster } from "../self/deadman.ts";
import { type PushSettings, push } from "../self/pushgateway.ts";
import { writeTextfile } from "../self/textfile.ts";
import type { Machine } from "./call.ts";
import { lookUp, type Missing, revealing } from "./secrets.ts";

/** Watches the runs of one call. Nothing of it fails a run: what does not go through is a warning in the log. */
export interface SelfWatch {
  /** Does one run of a cluster, and tells what came of it. @throws whatever `work` throws */
  watching<R extends Run>(cluster: string, work: () => Promise<R>): Promise<R>;
  /** Does what runs of these clusters need before they begin: where it fails none of them finishes, which is told of each. @throws as well */
  needing<T>(clusters: readonly string[], work: () => Promise<T>): Promise<T>;
  /** Once after the last run: the heartbeat. */
  end(): Promise<void>;
}

export interface SelfOptions {
  /** Then nobody is told anything. */
  dryRun: boolean;
  /** What is no run's failure, and told nobody. */
  passes?: (error: ScoutError) => boolean;
  /** Also gets each run's metrics, for CloudWatch. */
  emit?: (metrics: readonly OwnMetric[]) => void;
}

/** @throws ConfigError for secrets that are not there, all at once; what AWS does not give now is a warning */
export async function watchSelf(
  config: Config,
  machine: Machine,
  { dryRun, passes = () => false, emit = () => {} }: SelfOptions,
): Promise<SelfWatch> {
  if (dryRun) {
    const untold = async <T>(_: unknown, work: () => Promise<T>) => await work();
    return { watching: untold, needing: untold, end: async () => {} };
  }
  const { textfile, pushgateway, deadman } = await settingsOf(config, machine);
  const { log, now } = machine;
  const runs = new Map<string, boolean>();
  const publish = async (cluster: string, metrics: readonly OwnMetric[], isDone: boolean) => {
    emit(metrics);
    const said = await Promise.all([
      textfile === null ? null : textfileFault(writeTextfile(textfile, metrics, cluster, isDone)),
      pushgateway === null ? null : push(pushgateway, metrics, cluster, isDone),
    ]);
    const places = ["the metrics file could not be written", "the Pushgateway did not take the metrics"];
    for (const [index, fault] of said.entries()) {
      if (fault !== null) log.warn(`${places[index]}: ${fault}`, { cluster });
    }
  };
  const tellFailed = async (clusters: readonly string[], startedAt: number, thrown: unknown) => {
    const error = asScoutError(thrown);
    if (passes(error)) return;
    for (const cluster of clusters) {
      runs.set(cluster, false);
      await publish(cluster, failedMetrics(cluster, error.code, { startedAt, endedAt: now() }), false);
    }
  };
  return {
    async watching(cluster, work) {
      const startedAt = now();
      try {
        const run = await work();
        runs.set(
          cluster,
          run.deliveries.every(({ ok }) => ok),
        );
        await publish(cluster, ownMetrics(run, { startedAt, endedAt: now() }, Object.keys(config.channels)), true);
        return run;
      } catch (thrown) {
        await tellFailed([cluster], startedAt, thrown);
        throw thrown;
      }
    },
    async needing(clusters, work) {
      const startedAt = now();
      try {
        return await work();
      } catch (thrown) {
        await tellFailed(clusters, startedAt, thrown);
        throw thrown;
      }
    },
    async end() {
      if (deadman === null) return;
      const all = config.clusters.length;
      if (runs.size > 0 && runs.size < all && !isByCluster(deadman)) {
        log.warn(
          `the one heartbeat of ${all} clusters is sent after a call that ran ${runs.size} of them, so that nobody notices where another falls silent: put {cluster} into deadman.url`,
        );
      }
      for (const fault of await beat(deadman, runs)) log.warn(fault);
    },
  };
}

const textfileFault = (written: Promise<void>): Promise<string | null> =>
  written.then(
    () => null,
    (thrown: unknown) => (thrown instanceof Error ? thrown.message : "it failed"),
  );

interface Settings {
  textfile: string | null;
  pushgateway: PushSettings | null;
  deadman: DeadmanSettings | null;
}

async function settingsOf(config: Config, machine: Machine): Promise<Settings> {
  const mistakes: string[] = [];
  const { metrics, deadman } = config;
  const aws = await lookUp((note) => {
    pushSettings(metrics.pushgateway, note);
    deadmanSettings(deadman, note);
  }, machine);
  const ofPart = <T>(path: string, settings: (reveal: Reveal) => T): T | null => {
    const missing: Missing = { mistakes, away: [] };
    const made = settings(revealing(path, config, machine, aws, missing));
    for (const { message } of missing.away) machine.log.warn(message);
    return missing.away.length > 0 ? null : made;
  };
  const settings = {
    textfile: metrics.textfile === undefined ? null : resolve(config.folder, metrics.textfile),
    pushgateway: ofPart("metrics.pushgateway", (reveal) => pushSettings(metrics.pushgateway, reveal)),
    deadman: ofPart("deadman", (reveal) => deadmanSettings(deadman, reveal)),
  };
  if (mistakes.length > 0) throw new ConfigError("config", mistakes);
  return settings;
}

function pushSettings(of: Config["metrics"]["pushgateway"], reveal: Reveal): PushSettings | null {
  if (of === undefined) return null;
  const { url, job, auth, headers, timeout } = of;
  return { url, job, timeout: milliseconds(timeout), ...credentials(headers, auth, reveal) };
}

function deadmanSettings(of: Config["deadman"], reveal: Reveal): DeadmanSettings | null {
  if (of === undefined) return null;
  const { url, fail, method, headers, timeout } = of;
  const text = (value: string | Secret) => (typeof value === "string" ? value : reveal(value));
  return {
    ...{ url: text(url), fail: fail === undefined ? null : text(fail), method, timeout: milliseconds(timeout) },
    headers: credentials(headers, undefined, reveal).headers,
  };
}
