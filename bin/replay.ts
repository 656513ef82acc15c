/** `egress-scout replay`: the detectors over history. */
import type { Command } from "commander";
import { pickClusters, readConfig } from "../lib/config/index.ts";
import { ScoutError } from "../lib/errors.ts";
import { type ReplayOrder, replay } from "../lib/replay.ts";
import { replayDocument, replayText } from "../lib/report/replay.ts";
import { type Call, type Machine, order, wire, wireStore } from "../lib/wire.ts";
import { parseDuration } from "../lib/words/duration.ts";
import { textSettings } from "./colour.ts";
import { endOnSignals } from "./interrupt.ts";
import { common, replaying } from "./options.ts";
import { type Level, stderrLog } from "./stderr-log.ts";

interface ReplayOptions {
  config?: string;
  prometheus?: string;
  cluster?: string;
  from?: number;
  to?: number;
  step: number;
  learn?: number;
  dns?: string[];
  format: "text" | "json";
  failOnFindings?: boolean;
  logLevel: Level;
}

const examples = `
Examples:
  egress-scout replay --config egress-scout.yaml --from 2026-11-15T00:00:00Z     what the week would have brought, and to whom
  egress-scout replay --prometheus http://localhost:9090 --step 15m --format json

Nothing is sent and nothing is remembered. Names are looked up as they are today.`;

export function addReplay(program: Command): void {
  const command = program
    .command("replay")
    .description("run the detectors over history: what would have been sent, when, to whom")
    .addHelpText("after", examples);
  const { config, prometheus, cluster, learn, dns, failOnFindings, logLevel } = common;
  const { from, to, step } = replaying;
  for (const option of [config, prometheus, cluster, from, to, step, learn, dns]) command.addOption(option());
  command.addOption(common.format("text", "json"));
  for (const option of [failOnFindings, logLevel]) command.addOption(option());
  command.action(async (options: ReplayOptions) => {
    endOnSignals();
    process.exitCode = await run(options);
  });
}

async function run(options: ReplayOptions): Promise<number> {
  const { prometheus = null, cluster = null } = options;
  const config = await readConfig({ file: options.config ?? null, prometheus, cluster });
  // A run has seconds for its look-ups; a replay of thousands of runs has an hour.
  const patient = { ...config, enrich: { ...config.enrich, dns: { ...config.enrich.dns, budget: "1h" } } };
  const log = stderrLog(options.logLevel);
  const machine: Machine = { env: process.env, now: Date.now, log };
  const call: Call = {
    at: options.to ?? null,
    since: null,
    learn: options.learn ?? null,
    noLearn: false,
    dryRun: true,
    dns: options.dns ?? [],
    existing: [],
  };
  let found = 0;
  for (const one of pickClusters(config, prometheus === null ? cluster : null)) {
    log.about(one.name);
    const store = await wireStore("memory:", false);
    // History had other manifests.
    const parts = await wire(patient, { ...one, existing: [] }, store, call, machine);
    const told = await replay(
      { ...parts, trusting: () => false, reviewed: [] },
      replayOrder(order(patient, one, call, machine), options),
    ).finally(() => log.done());
    found += told.found.filter(({ finding }) => finding.state === "open").length;
    process.stdout.write(
      options.format === "json"
        ? `${JSON.stringify(replayDocument(told), null, 2)}\n`
        : replayText(one.name, told, textSettings()),
    );
  }
  return options.failOnFindings === true && found > 0 ? 3 : 0;
}

/** Steps at even times, so that a bucket of five minutes ends where a run does. */
function replayOrder({ to, ...rest }: ReturnType<typeof order>, { from, step }: ReplayOptions): ReplayOrder {
  const end = Math.floor(to / step) * step;
  const start = Math.floor((from ?? end - (parseDuration("7d") ?? 0)) / step) * step;
  if (start >= end) throw new ScoutError("usage", "--from is not before --to");
  return { ...rest, from: start, to: end, step };
}
