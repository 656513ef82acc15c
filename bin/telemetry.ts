/** `egress-scout telemetry`: Istio's Telemetry manifests that add the labels, and what those cost. */
import { existsSync } from "node:fs";
import type { Command } from "commander";
import { type ClusterConfig, type Config, pickClusters, readConfig } from "../lib/config/index.ts";
import { defaultFile } from "../lib/config/load.ts";
import { ScoutError } from "../lib/errors.ts";
import { estimate } from "../lib/estimate.ts";
import type { Addition } from "../lib/istio/telemetry/additions.ts";
import { telemetryManifests } from "../lib/istio/telemetry/manifests.ts";
import { type Estimate, telemetryDocument, telemetryYaml } from "../lib/report/telemetry.ts";
import { wireTelemetry } from "../lib/wire.ts";
import { endOnSignals } from "./interrupt.ts";
import { common, labelling } from "./options.ts";
import { stderrLog } from "./stderr-log.ts";

interface TelemetryOptions {
  config?: string;
  prometheus?: string;
  cluster?: string;
  istio?: string;
  labels: readonly Addition[];
  namespace: string;
  gateway?: boolean;
  logs?: boolean;
  old?: boolean;
  estimate?: boolean;
  format: "text" | "json" | "yaml";
}

const examples = `
Examples:
  egress-scout telemetry | kubectl apply -f -                          address and SNI, on catch-all traffic alone
  egress-scout telemetry --labels sni --gateway                        SNI alone, at the egress gateway too
  egress-scout telemetry --istio 1.17                                  with what the mesh config of an old Istio needs
  egress-scout telemetry --estimate --prometheus http://localhost:9090 and how many series each label adds

Everything but the manifests is a comment. --format json has the same as data.`;

export function addTelemetry(program: Command): void {
  const command = program
    .command("telemetry")
    .description("print the Istio Telemetry manifest that adds the labels; --estimate adds its cost in series")
    .addHelpText("after", examples);
  const { config, prometheus, cluster } = common;
  for (const option of [config, prometheus, cluster]) command.addOption(option());
  for (const option of Object.values(labelling)) command.addOption(option());
  command.addOption(common.format("text", "yaml", "json"));
  command.action(async (options: TelemetryOptions) => {
    endOnSignals();
    await run(options);
  });
}

async function run(options: TelemetryOptions): Promise<void> {
  const { config: file, prometheus, cluster } = options;
  const wantsConfig = options.estimate === true || file !== undefined || prometheus !== undefined;
  const config =
    wantsConfig || existsSync(defaultFile)
      ? await readConfig({ file: file ?? null, prometheus: prometheus ?? null, cluster: cluster ?? null })
      : null;
  const clusters = config === null ? [] : pickClusters(config, prometheus === undefined ? (cluster ?? null) : null);
  const [one] = clusters;
  const istio = options.istio ?? config?.suggest.istio ?? "1.30";
  const manifests = telemetryManifests({
    istio,
    additions: new Set(options.labels),
    names: labelNames(one),
    namespace: options.namespace,
    gateway:
      options.gateway === true
        ? (config?.suggest.egressGateway ?? { namespace: "istio-system", selector: { istio: "egressgateway" } })
        : null,
    logs: options.logs === true,
    declare: options.old === true,
  });
  const cost = options.estimate === true && config !== null ? await costs(config, clusters, options.labels) : null;
  const told = { istio, ...manifests, estimate: cost };
  process.stdout.write(
    options.format === "json" ? `${JSON.stringify(telemetryDocument(told), null, 2)}\n` : telemetryYaml(told),
  );
}

async function costs(
  config: Config,
  clusters: readonly ClusterConfig[],
  wanted: readonly Addition[],
): Promise<Estimate | null> {
  const [one] = clusters;
  if (one === undefined) return null;
  if (clusters.length > 1) throw new ScoutError("usage", "an estimate is for one cluster: choose it with --cluster");
  const at = Date.now();
  const telemetry = await wireTelemetry(config, one, { env: process.env, now: Date.now, log: stderrLog("warn") });
  const settings = { labels: one.labels, matchers: one.prometheus.matchers };
  return { cluster: one.name, at, labels: await estimate(telemetry, wanted, settings, at) };
}

/** The usual names, where the config reads them; else the first that it reads. */
function labelNames(cluster: ClusterConfig | undefined): { address: string; sni: string } {
  const pick = (usual: string, read: readonly string[]) =>
    read.includes(usual) || read[0] === undefined ? usual : read[0];
  return {
    address: pick("destination_address", cluster?.labels.address ?? []),
    sni: pick("requested_server_name", cluster?.labels.sni ?? []),
  };
}
