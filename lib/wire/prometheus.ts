/** Config → what holds the metrics of a cluster. */
import { credentials, type Reveal } from "../config/credentials.ts";
import { milliseconds } from "../config/milliseconds.ts";
import type { ClusterConfig, Config } from "../config/schema.ts";
import { type PrometheusSettings, prometheus } from "../poll/prometheus.ts";
import type { Telemetry } from "../poll/telemetry.ts";
import type { Machine } from "./call.ts";
import { lookUp, type Missing, refuseMissing, revealing } from "./secrets.ts";

/** What holds the metrics of one cluster. @throws ConfigError for secrets that are not there, ScoutError `secret/unavailable` */
export async function wireTelemetry(config: Config, cluster: ClusterConfig, machine: Machine): Promise<Telemetry> {
  const missing: Missing = { mistakes: [], away: [] };
  const path = `clusters.${cluster.name}.prometheus`;
  const aws = await lookUp((note) => prometheusSettings(cluster, note, machine), machine);
  const settings = prometheusSettings(cluster, revealing(path, config, machine, aws, missing), machine);
  refuseMissing(missing);
  return prometheus(settings);
}

export function prometheusSettings(
  { prometheus: settings }: ClusterConfig,
  reveal: Reveal,
  { now, limit }: Pick<Machine, "now" | "limit">,
): PrometheusSettings {
  const { auth } = settings;
  const known = { url: settings.url, timeout: milliseconds(settings.timeout), signal: limit?.signal };
  if (auth === undefined || !("sigv4" in auth)) return { ...known, ...credentials(settings.headers, auth, reveal) };
  const { region, service, samplesPerQuery } = auth.sigv4;
  const { warn = null, most } = samplesPerQuery;
  return {
    ...known,
    ...credentials(settings.headers, undefined, reveal),
    sigv4: { region, service, samplesPerQuery: { warn, most }, now },
  };
}
