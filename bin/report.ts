/** `egress-scout report`: the inventory of what is remembered. */
import type { Command } from "commander";
import { readSettings, readVerdicts } from "../lib/config/index.ts";
import { type Inventory, inventory } from "../lib/inventory.ts";
import { inventoryDocument } from "../lib/report/inventory.ts";
import { inventoryText } from "../lib/report/inventory-text.ts";
import { type LiveInventory, liveInventoryText } from "../lib/report/live-inventory.ts";
import { precisionMetrics } from "../lib/report/metrics.ts";
import { wireStore } from "../lib/wire.ts";
import { again } from "./again.ts";
import { textSettings } from "./colour.ts";
import { errorText, exitCode, printError } from "./failure.ts";
import { endOnSignals } from "./interrupt.ts";
import { isLive, liveScreen } from "./live-screen.ts";
import { common } from "./options.ts";

interface ReportOptions {
  config?: string;
  state?: string;
  cluster?: string;
  format: "text" | "json" | "metrics";
  /** From one reading to the next, ms. */
  watch?: number;
}

const examples = `
Examples:
  egress-scout report                            all that is remembered, by namespace, and what was decided about it
  egress-scout report --cluster prod-eu --format json | jq '.clusters[].precision'
                                                 how many findings were worth a message, by detector and owner
  egress-scout report --format metrics > /var/lib/node-exporter/egress-scout.prom
                                                 the same for Prometheus, by the node exporter's textfile collector
  egress-scout report --watch                    a live view of it, read again every 5 s; q ends it

Only the state is read: no Prometheus is asked, and nothing is written.`;

export function addReport(program: Command): void {
  const command = program
    .command("report")
    .description("the inventory of what is remembered: who calls what, since when, and what was decided")
    .addHelpText("after", examples);
  for (const option of [common.config, common.state, common.cluster]) command.addOption(option());
  command.addOption(common.format("text", "json", "metrics"));
  command.addOption(common.watch("5s"));
  command.action(async (options: ReportOptions) => {
    endOnSignals();
    if (options.watch === undefined) process.stdout.write(await report(options));
    else process.exitCode = await watchReport(options, options.watch);
  });
}

async function report(options: ReportOptions): Promise<string> {
  const told = await remembered(options);
  if (options.format === "json") return `${JSON.stringify(inventoryDocument(told), null, 2)}\n`;
  if (options.format === "metrics") return precisionMetrics(told.clusters);
  return inventoryText(told, textSettings());
}

async function remembered({ config: file, state, cluster }: ReportOptions): Promise<Inventory> {
  const config = await readSettings(file ?? null);
  const reviewed = config.verdicts === undefined ? [] : readVerdicts(config.verdicts);
  const store = await wireStore(state ?? config.state, true);
  try {
    return await inventory(store, reviewed, { only: cluster ?? null, at: Date.now() });
  } finally {
    await store.close();
  }
}

/** Reads the state again and again; what cannot be read is said, and read the next time. */
async function watchReport(options: ReportOptions, every: number): Promise<number> {
  const trying = async (read: () => Promise<void>, failed: (thrown: unknown) => void): Promise<number | null> => {
    try {
      await read();
      return null;
    } catch (thrown) {
      failed(thrown);
      return exitCode(thrown) === 2 ? 2 : null;
    }
  };
  if (options.format !== "text" || !isLive())
    return await again(every, () => trying(async () => void process.stdout.write(await report(options)), printError));
  const view: LiveInventory = { every, told: null, error: null, nextAt: Date.now() };
  const screen = liveScreen((size) => liveInventoryText(view, { ...textSettings(), ...size, now: Date.now() }));
  try {
    const read = async () => void Object.assign(view, { told: await remembered(options), error: null });
    const failed = (thrown: unknown) => void Object.assign(view, { error: errorText(thrown) });
    const pausing = (nextAt: number) => {
      view.nextAt = nextAt;
      screen.draw();
    };
    return await again(every, () => trying(read, failed), pausing);
  } finally {
    screen.close();
    if (view.error !== null) process.stderr.write(`${view.error}\n`);
  }
}
