/** `egress-scout doctor`: checks the set-up end to end. */
import type { Command } from "commander";
import { pickClusters, readConfig } from "../lib/config/index.ts";
import { examine } from "../lib/doctor.ts";
import { doctorDocument, doctorText } from "../lib/report/doctor.ts";
import { wireDoctor } from "../lib/wire/doctor.ts";
import { parseDuration } from "../lib/words/duration.ts";
import { inColour } from "./colour.ts";
import { endOnSignals } from "./interrupt.ts";
import { common, examining } from "./options.ts";
import { type Level, stderrLog } from "./stderr-log.ts";

interface DoctorOptions {
  config?: string;
  prometheus?: string;
  cluster?: string;
  state?: string;
  dns?: string[];
  send?: boolean;
  format: "text" | "json";
  logLevel: Level;
}

const examples = `
Examples:
  egress-scout doctor --prometheus http://localhost:9090
  egress-scout doctor --config egress-scout.yaml --send        with a real test message to each channel
  egress-scout doctor --format json | jq '.checks[] | select(.status == "fail")'

Each check says what it found, what that means and how to mend it (docs/doctor.md). Nothing is changed, and without --send nobody is told.

Exit codes: 0 no check fails, 1 one does, 2 wrong usage or config.`;

export function addDoctor(program: Command): void {
  const command = program
    .command("doctor")
    .description("check the set-up end to end and say how to mend what is wrong")
    .addHelpText("after", examples);
  const { config, prometheus, cluster, state, dns, logLevel } = common;
  for (const option of [config, prometheus, cluster, state, dns, examining.send]) command.addOption(option());
  command.addOption(common.format("text", "json"));
  command.addOption(logLevel());
  command.action(async (options: DoctorOptions) => {
    endOnSignals();
    await run(options);
  });
}

/** A check that hangs counts as failed after this, ms; a question to Prometheus has its own limit (prometheus.timeout) on top. */
const patience = 60_000;

async function run(options: DoctorOptions): Promise<void> {
  const { config: file, prometheus, cluster, dns, format } = options;
  const config = await readConfig({ file: file ?? null, prometheus: prometheus ?? null, cluster: cluster ?? null });
  const clusters = pickClusters(config, prometheus === undefined ? (cluster ?? null) : null);
  const log = stderrLog(options.logLevel);
  const machine = { env: process.env, now: Date.now, log };
  const call = { clusters, state: options.state ?? config.state, dns: dns ?? [] };
  log.progress("checking...");
  const checks = await examine(await wireDoctor(config, call, machine), {
    now: Date.now,
    learn: parseDuration(config.detect.learn) ?? 0,
    send: options.send === true,
    patience,
  }).finally(() => log.done());
  const code = checks.some(({ status }) => status === "fail") ? 1 : 0;
  const text =
    format === "json"
      ? `${JSON.stringify(doctorDocument(checks), null, 2)}\n`
      : doctorText(checks, { colour: inColour() });
  process.exitCode = code;
  // What still hangs must not keep the command: all that is worth saying is said.
  process.stdout.write(text, () => process.exit(code));
}
