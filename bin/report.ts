/** `egress-scout report`: the inventory of what is remembered. */
import type { Command } from "commander";
import { readSettings, readVerdicts } from "../lib/config/index.ts";
import { inventory } from "../lib/inventory.ts";
import { inventoryDocument } from "../lib/report/inventory.ts";
import { inventoryText } from "../lib/report/inventory-text.ts";
import { precisionMetrics } from "../lib/report/metrics.ts";
import { wireStore } from "../lib/wire.ts";
import { textSettings } from "./colour.ts";
import { endOnSignals } from "./interrupt.ts";
import { common } from "./options.ts";

interface ReportOptions {
  config?: string;
  state?: string;
  cluster?: string;
  format: "text" | "json" | "metrics";
}

const examples = `
Examples:
  egress-scout report                            all that is remembered, by namespace, and what was decided about it
  egress-scout report --cluster prod-eu --format json | jq '.clusters[].precision'
                                                 how many findings were worth a message, by detector and owner
  egress-scout report --format metrics > /var/lib/node-exporter/egress-scout.prom
                                                 the same for Prometheus, by the node exporter's textfile collector

Only the state is read: no Prometheus is asked, and nothing is written.`;

export function addReport(program: Command): void {
  const command = program
    .command("report")
    .description("the inventory of what is remembered: who calls what, since when, and what was decided")
    .addHelpText("after", examples);
  for (const option of [common.config, common.state, common.cluster]) command.addOption(option());
  command.addOption(common.format("text", "json", "metrics"));
  command.action(async (options: ReportOptions) => {
    endOnSignals();
    process.stdout.write(await report(options));
  });
}

async function report({ config: file, state, cluster, format }: ReportOptions): Promise<string> {
  const config = await readSettings(file ?? null);
  const reviewed = config.verdicts === undefined ? [] : readVerdicts(config.verdicts);
  const store = await wireStore(state ?? config.state, true);
  try {
    const told = await inventory(store, reviewed, { only: cluster ?? null, at: Date.now() });
    if (format === "json") return `${JSON.stringify(inventoryDocument(told), null, 2)}\n`;
    if (format === "metrics") return precisionMetrics(told.clusters);
    return inventoryText(told, textSettings());
  } finally {
    await store.close();
  }
}
