/** `egress-scout scan`: one run of each cluster. */
import { setFlagsFromString } from "node:v8";
import type { Command } from "commander";
import { pickClusters, readConfig } from "../lib/config/index.ts";
import { ScoutError } from "../lib/errors.ts";
import type { Scan } from "../lib/scout.ts";
import type { Call } from "../lib/wire.ts";
import { textSettings } from "./colour.ts";
import { printError } from "./failure.ts";
import { endOnSignals } from "./interrupt.ts";
import { common } from "./options.ts";
import { type Runs, runAll } from "./scan-run.ts";
import { type Level, stderrLog } from "./stderr-log.ts";

interface ScanOptions {
  config?: string;
  prometheus?: string;
  cluster?: string;
  state?: string;
  at?: number;
  since?: NonNullable<Call["since"]>;
  dns?: string[];
  existing?: string[];
  logs?: string[];
  dryRun?: boolean;
  format: "text" | "json" | "yaml";
  failOnFindings?: boolean;
  logLevel: Level;
  /** True, a duration in ms (`--learn`), or false (`--no-learn`). */
  learn?: boolean | number;
  /** From one run to the next, ms. */
  watch?: number;
}

const examples = `
Examples:
  egress-scout scan --prometheus http://localhost:9090          what is new since the last run; a first run learns
  egress-scout scan --prometheus http://localhost:9090 --no-learn --since 1h --state memory:
                                                                everything of the last hour, nothing remembered
  kubectl logs -n shop -l app=web -c istio-proxy --prefix | egress-scout scan --prometheus http://localhost:9090 --logs -
                                                                SNI and addresses that the metrics do not show
  egress-scout scan --config egress-scout.yaml --dry-run        what would be sent, to whom
  egress-scout scan --config egress-scout.yaml --watch 30s      a live view: a run every 30 s, q ends it
  egress-scout scan --format yaml | kubectl apply --dry-run=server -f -

Exit codes: 0 done, 1 could not finish or tell, 2 wrong usage or config, 3 findings with --fail-on-findings, 130 interrupted.`;

export function addScan(program: Command): void {
  const command = program
    .command("scan")
    .description("one run: poll, observe, detect, enrich, suggest, notify, remember")
    .addHelpText("after", examples);
  const {
    config,
    prometheus,
    cluster,
    state,
    at,
    since,
    dns,
    existing,
    logs,
    dryRun,
    failOnFindings,
    logLevel,
    noLearn,
    learn,
  } = common;
  for (const option of [config, prometheus, cluster, state, at, since, learn, noLearn, dns, existing, logs, dryRun])
    command.addOption(option());
  command.addOption(common.format("text", "json", "yaml"));
  for (const option of [failOnFindings, logLevel]) command.addOption(option());
  command.addOption(common.watch("1m"));
  command.action(async (options: ScanOptions) => {
    // What a scan makes it needs no longer a moment later: without room for it to pile up, its process is half as large.
    setFlagsFromString("--semi-space-growth-factor=1");
    endOnSignals();
    process.exitCode = await scan(options);
  });
}

async function scan(options: ScanOptions): Promise<number> {
  const config = await readConfig({
    file: options.config ?? null,
    prometheus: options.prometheus ?? null,
    cluster: options.cluster ?? null,
  });
  const clusters = pickClusters(config, options.prometheus === undefined ? (options.cluster ?? null) : null);
  if (clusters.length > 1 && options.logs !== undefined)
    throw new ScoutError("usage", "--logs is for one cluster's logs, and there are several", {
      mend: "add --cluster NAME",
    });
  const runs: Runs = {
    ...{ config, clusters, call: callOf(options), state: options.state ?? config.state },
    ...{ log: stderrLog(options.logLevel), failOnFindings: options.failOnFindings === true },
    async ended({ scan: result, errors }) {
      if (result !== null) process.stdout.write(await printed(result, options.format));
      errors.forEach(printError);
    },
  };
  if (options.watch === undefined) return await runAll(runs);
  refuseWatching(options);
  const { watchScan } = await import("./scan-watch.ts");
  return await watchScan(runs, options.watch, options.format === "text");
}

/** A time that stands still, and an input that comes once, are nothing to run again on. */
function refuseWatching({ at, logs }: ScanOptions): void {
  if (at !== undefined) throw new ScoutError("usage", "--watch looks at the time it is, and --at at another one");
  if (logs?.includes("-") === true)
    throw new ScoutError("usage", "--watch runs again and again, and --logs - can be read once");
}

function callOf({ at, since, learn, dryRun, dns, existing, logs }: ScanOptions): Call {
  return {
    at: at ?? null,
    since: since ?? null,
    learn: typeof learn === "number" ? learn : null,
    noLearn: learn === false,
    dryRun: dryRun === true,
    dns: dns ?? [],
    existing: existing ?? [],
    logs: logs ?? [],
  };
}

/** What prints is loaded when there is something to print: the questions go out first. */
async function printed(result: Scan, format: ScanOptions["format"]): Promise<string> {
  if (format === "json")
    return `${JSON.stringify((await import("../lib/report/document.ts")).scanDocument(result), null, 2)}\n`;
  const { scanText, scanYaml } = await import("../lib/report/text.ts");
  return format === "yaml" ? scanYaml(result) : scanText(result, textSettings());
}
