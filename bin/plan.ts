/** `egress-scout plan`: what REGISTRY_ONLY would break, and the manifests that close the gap. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Command, Option } from "commander";
import { pickClusters, readConfig } from "../lib/config/index.ts";
import { ScoutError } from "../lib/errors.ts";
import type { Manifest } from "../lib/model.ts";
import { type Planned, plan } from "../lib/plan.ts";
import { progressing } from "../lib/progress.ts";
import { planDocument, planMarkdown } from "../lib/report/plan.ts";
import { planText } from "../lib/report/plan-text.ts";
import { pullRequestDocument, pullRequestText } from "../lib/report/pull-requests.ts";
import { toYaml } from "../lib/suggest/yaml.ts";
import { type Call, type Machine, planOrder, wire, wireStore } from "../lib/wire.ts";
import { textSettings } from "./colour.ts";
import { endOnSignals } from "./interrupt.ts";
import { common } from "./options.ts";
import { type Outcome, proposer } from "./pull-request.ts";
import { type Level, stderrLog } from "./stderr-log.ts";

interface PlanOptions {
  config?: string;
  prometheus?: string;
  cluster?: string;
  at?: number;
  since?: NonNullable<Call["since"]>;
  dns?: string[];
  existing?: string[];
  state?: string;
  out?: string;
  pullRequest?: boolean;
  dryRun?: boolean;
  format: "text" | "json" | "yaml";
  logLevel: Level;
}

const examples = `
Examples:
  egress-scout plan --prometheus http://localhost:9090 --existing manifests/    the last 30 days
  egress-scout plan --config egress-scout.yaml --since 90d --out registry-only/
                                                                NAMESPACE.yaml each, kustomization.yaml, would-break.md
  egress-scout plan --config egress-scout.yaml --existing egress/ --pull-request
                                                                a pull request for each owner (--dry-run: what would be done)
  egress-scout plan --prometheus http://localhost:9090 --format yaml | kubectl apply --dry-run=server -f -`;

export function addPlan(program: Command): void {
  const command = program
    .command("plan")
    .description("what REGISTRY_ONLY would break, and the manifests that close the gap")
    .addHelpText("after", examples);
  const { config, prometheus, cluster, at, since, dns, existing, state, logLevel } = common;
  for (const option of [config, prometheus, cluster, at]) command.addOption(option());
  command.addOption(since("30d"));
  for (const option of [dns, existing, state]) command.addOption(option());
  command.addOption(new Option("--out <dir>", "write the manifests and the report there").env("EGRESS_SCOUT_OUT"));
  command.addOption(common.pullRequest());
  command.addOption(common.dryRun());
  command.addOption(common.format("text", "json", "yaml"));
  command.addOption(logLevel());
  command.action(async (options: PlanOptions) => {
    endOnSignals();
    process.exitCode = await run(options);
  });
}

/** @returns the exit code */
async function run(options: PlanOptions): Promise<number> {
  const { config: file, prometheus, cluster, dns, existing, format, out } = options;
  const config = await readConfig({ file: file ?? null, prometheus: prometheus ?? null, cluster: cluster ?? null });
  const clusters = pickClusters(config, prometheus === undefined ? (cluster ?? null) : null);
  if (clusters.length > 1) throw new ScoutError("usage", "a plan is for one cluster: choose it with --cluster");
  const [one] = clusters;
  if (one === undefined) return 0;
  const call: Call = {
    at: options.at ?? null,
    since: options.since ?? null,
    learn: null,
    noLearn: false,
    dryRun: true,
    dns: dns ?? [],
    existing: existing ?? [],
  };
  const log = stderrLog(options.logLevel);
  const machine: Machine = { env: process.env, now: Date.now, log };
  const dryRun = options.dryRun === true;
  // First of all: a mistake in its settings is told before anything is asked.
  const propose = options.pullRequest === true ? await proposer(config, one.name, { dryRun }, machine) : null;
  // For its verdicts alone: nothing is remembered of a plan.
  const store = await wireStore(options.state ?? config.state, true);
  log.about(one.name);
  const { planned, entries } = await wire(config, one, store, call, machine)
    .then(async (parts) => ({
      planned: await plan(progressing(parts, log.tell), planOrder(config, one, call, machine)),
      entries: parts.entries,
    }))
    .finally(() => store.close())
    .finally(() => log.done());
  if (out !== undefined) writeOut(out, planned);
  const outcome = propose === null ? null : await propose(planned, entries).finally(() => log.done());
  process.stdout.write(printed(planned, outcome, { format, dryRun }));
  return outcome?.tellFailures() ?? 0;
}

function printed(
  planned: Planned,
  outcome: Outcome | null,
  { format, dryRun }: { format: PlanOptions["format"]; dryRun: boolean },
): string {
  if (format === "json") {
    const added = outcome === null ? {} : { pullRequests: pullRequestDocument(outcome.done) };
    return `${JSON.stringify({ ...planDocument(planned), ...added }, null, 2)}\n`;
  }
  if (format === "yaml") return stream(planned.manifests);
  return `${planText(planned, textSettings())}${outcome === null ? "" : `\n${pullRequestText(outcome.done, dryRun)}`}`;
}

const stream = (manifests: readonly Manifest[]) => manifests.map((one) => `---\n${toYaml(one)}`).join("");

/** A namespace may be called `kustomization`. */
const fileOf = (namespace: string) => `${namespace === "kustomization" ? "namespace-" : ""}${namespace}.yaml`;

/** @throws ScoutError `usage` where the folder cannot be written */
function writeOut(folder: string, planned: Planned): void {
  const byNamespace = Map.groupBy(planned.manifests, ({ metadata }) => metadata.namespace ?? "default");
  const files = [...byNamespace].map(([namespace, manifests]) => [fileOf(namespace), stream(manifests)] as const);
  const resources = files.map(([name]) => `  - ${name}\n`).join("");
  const kustomization = `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:${resources === "" ? " []\n" : `\n${resources}`}`;
  try {
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of [
      ...files,
      ["kustomization.yaml", kustomization] as const,
      ["would-break.json", `${JSON.stringify(planDocument(planned), null, 2)}\n`] as const,
      ["would-break.md", planMarkdown(planned)] as const,
    ]) {
      writeFileSync(join(folder, name), text);
    }
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : "unknown";
    throw new ScoutError("usage", `--out: ${folder} cannot be written: ${why}`, { cause: thrown });
  }
}
