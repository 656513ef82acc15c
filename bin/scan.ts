/** `egress-scout scan`: one run of each cluster. */
import type { Command } from "commander";
import { type ClusterConfig, type Config, pickClusters, readConfig } from "../lib/config/index.ts";
import { ScoutError } from "../lib/errors.ts";
import { isSilenced } from "../lib/model.ts";
import { scanDocument } from "../lib/report/document.ts";
import { scanText, scanYaml } from "../lib/report/text.ts";
import { type Scan, scout } from "../lib/scout.ts";
import { type Call, type Machine, order, wire, wireStore } from "../lib/wire.ts";
import { type SelfWatch, watchSelf } from "../lib/wire-self.ts";
import { textSettings } from "./colour.ts";
import { exitCode, printError } from "./failure.ts";
import { endOnSignals } from "./interrupt.ts";
import { common } from "./options.ts";
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
}

const examples = `
Examples:
  egress-scout scan --prometheus http://localhost:9090          what is new since the last run; a first run learns
  egress-scout scan --prometheus http://localhost:9090 --no-learn --since 1h --state memory:
                                                                everything of the last hour, nothing remembered
  kubectl logs -n shop -l app=web -c istio-proxy --prefix | egress-scout scan --prometheus http://localhost:9090 --logs -
                                                                SNI and addresses that the metrics do not show
  egress-scout scan --config egress-scout.yaml --dry-run        what would be sent, to whom
  egress-scout scan --format yaml | kubectl apply --dry-run=server -f -

Exit codes: 0 done, 1 could not finish or tell, 2 wrong usage or config, 3 findings with --fail-on-findings.`;

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
  command.action(async (options: ScanOptions) => {
    endOnSignals();
    process.exitCode = await scan(options);
  });
}

/** Runs one cluster after another; one that fails does not stop the others. */
async function scan(options: ScanOptions): Promise<number> {
  const config = await readConfig({
    file: options.config ?? null,
    prometheus: options.prometheus ?? null,
    cluster: options.cluster ?? null,
  });
  const call = callOf(options);
  const log = stderrLog(options.logLevel);
  const machine: Machine = { env: process.env, now: Date.now, log, stdin: process.stdin };
  const clusters = pickClusters(config, options.prometheus === undefined ? (options.cluster ?? null) : null);
  if (clusters.length > 1 && options.logs !== undefined)
    throw new ScoutError("usage", "--logs is for one cluster's logs, and there are several", {
      mend: "add --cluster NAME",
    });
  const self = await watchSelf(config, machine, { dryRun: call.dryRun });
  const store = await openedFor(clusters, self, () => wireStore(options.state ?? config.state, call.dryRun));
  const codes: number[] = [];
  try {
    for (const cluster of clusters) {
      codes.push(await scanOne(config, cluster, { call, machine, store, self, options }).finally(() => log.done()));
    }
  } finally {
    await store.close();
  }
  await self.end();
  return [2, 1, 3].find((code) => codes.includes(code)) ?? 0;
}

/** Without a store no cluster's run finishes, which is to be told of each. */
async function openedFor<T>(clusters: readonly ClusterConfig[], self: SelfWatch, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (thrown) {
    for (const { name } of clusters) await self.watching(name, () => Promise.reject(thrown)).catch(() => {});
    await self.end();
    throw thrown;
  }
}

interface Surroundings {
  call: Call;
  machine: Machine;
  store: Awaited<ReturnType<typeof wireStore>>;
  self: SelfWatch;
  options: ScanOptions;
}

async function scanOne(
  config: Config,
  cluster: ClusterConfig,
  { call, machine, store, self, options }: Surroundings,
): Promise<number> {
  try {
    const result = await self.watching(cluster.name, async () => {
      const parts = await wire(config, cluster, store, call, machine);
      return await scout(parts, order(config, cluster, call, machine));
    });
    process.stdout.write(printed(result, options.format));
    return untold(result) ? 1 : options.failOnFindings === true && hasOpen(result) ? 3 : 0;
  } catch (thrown) {
    printError(thrown);
    return exitCode(thrown);
  }
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

function printed(result: Scan, format: ScanOptions["format"]): string {
  if (format === "json") return `${JSON.stringify(scanDocument(result), null, 2)}\n`;
  if (format === "yaml") return scanYaml(result);
  return scanText(result, textSettings());
}

/** What somebody has silenced is no reason to stop a pipeline. */
const hasOpen = ({ findings }: Scan) => findings.some((one) => one.state === "open" && !isSilenced(one));

/** Says which channel could not be told; what it should have got stays due, unless its fallback took it. */
function untold({ deliveries }: Scan): boolean {
  const failed = deliveries.filter((one) => !one.ok);
  const byChannel = new Map(failed.map(({ letter, error }) => [letter.channel, error]));
  for (const [channel, error] of byChannel) {
    const own = failed.filter((one) => one.letter.channel === channel);
    const instead = new Set(own.flatMap(({ insteadTo }) => insteadTo ?? []));
    const waiting = own.filter((one) => one.insteadTo === undefined).length;
    const said = `${channel} could not be told: ${error?.message ?? ""}`;
    const mends = [
      ...(instead.size > 0 ? [`${messages(own.length - waiting)} went to ${[...instead].join(", ")}`] : []),
      ...(waiting > 0 ? [`${messages(waiting)} kept for the next run`] : []),
    ];
    printError(new ScoutError(error?.code ?? "internal", said, { mend: mends.join(", ") }));
  }
  return failed.length > 0;
}

const messages = (count: number) => `${count} message${count === 1 ? "" : "s"}`;
