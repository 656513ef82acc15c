/** `egress-scout report`: the inventory of what is remembered, as text, JSON, metrics or a page. */
import { randomUUID } from "node:crypto";
import { realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { type Command, Option } from "commander";
import { readSettings, readVerdicts } from "../lib/config/index.ts";
import { ScoutError } from "../lib/errors.ts";
import { inventory } from "../lib/inventory.ts";
import type { Store } from "../lib/remember/store.ts";
import { inventoryDocument, inventoryText } from "../lib/report/inventory.ts";
import { precisionMetrics } from "../lib/report/metrics.ts";
import { wireStore } from "../lib/wire.ts";
import { wirePicture } from "../lib/wire-picture.ts";
import { inColour } from "./colour.ts";
import { endOnSignals } from "./interrupt.ts";
import { common } from "./options.ts";

const formats = ["text", "json", "metrics", "html"] as const;

interface ReportOptions {
  config?: string;
  state?: string;
  cluster?: string;
  existing?: string[];
  out?: string;
  format?: (typeof formats)[number];
}

const examples = `
Examples:
  egress-scout report                            all that is remembered, by namespace, and what was decided about it
  egress-scout report --out egress.html --existing manifests/
                                                 a page to look at: one file, which works offline
  egress-scout report --cluster prod-eu --format json | jq '.clusters[].precision'
                                                 how many findings were worth a message, by detector and owner
  egress-scout report --format metrics > /var/lib/node-exporter/egress-scout.prom
                                                 the same for Prometheus, by the node exporter's textfile collector

Only the state is read: no Prometheus is asked, and nothing is remembered. What the page shows is in docs/report.md.`;

export function addReport(program: Command): void {
  const command = program
    .command("report")
    .description("the inventory of what is remembered: who calls what, since when, and what was decided")
    .addHelpText("after", examples);
  for (const option of [common.config, common.state, common.cluster, common.existing]) command.addOption(option());
  const out = new Option("--out <file>", "write it there; a page, unless --format says otherwise");
  command.addOption(out.env("EGRESS_SCOUT_OUT"));
  const format = new Option("--format <f>", "how to print the result (default: text; html with --out)");
  command.addOption(format.choices(formats).env("EGRESS_SCOUT_FORMAT"));
  command.action(async (options: ReportOptions) => {
    endOnSignals();
    const text = await report(options);
    if (options.out === undefined) process.stdout.write(text);
    else writeWhole(options.out, text);
  });
}

async function report(options: ReportOptions): Promise<string> {
  const { config: file, state, cluster, existing = [], out } = options;
  const format = options.format ?? (out === undefined ? "text" : "html");
  const config = await readSettings(file ?? null);
  const store = await wireStore(state ?? config.state, true);
  const when = { only: cluster ?? null, at: Date.now() };
  try {
    if (format === "html") return await page(config, store, existing, when);
    const reviewed = config.verdicts === undefined ? [] : readVerdicts(config.verdicts);
    const told = await inventory(store, reviewed, when);
    if (format === "json") return `${JSON.stringify(inventoryDocument(told), null, 2)}\n`;
    if (format === "metrics") return precisionMetrics(told.clusters);
    return inventoryText(told, { colour: inColour() && out === undefined });
  } finally {
    await store.close();
  }
}

/** What it is made of is loaded when it is needed: other reports need not wait for it. */
async function page(
  config: Parameters<typeof wirePicture>[0],
  store: Store,
  existing: readonly string[],
  when: { only: string | null; at: number },
): Promise<string> {
  const [{ picture }, { pageData }, { pageHtml }, { pageAssets }] = await Promise.all([
    import("../lib/picture.ts"),
    import("../lib/report/page/pack.ts"),
    import("../lib/report/page/html.ts"),
    import("../lib/report/page/assets.ts"),
  ]);
  const told = await picture(await wirePicture(config, store, existing), when);
  return pageHtml(pageData(told), pageAssets()).html;
}

/** Whole or not at all: whoever reads the file meanwhile has the old one. @throws ScoutError `usage` */
function writeWhole(file: string, text: string): void {
  try {
    const known = statSync(file, { throwIfNoEntry: false });
    // A pipe or a device is written to, and not replaced.
    if (known?.isFile() === false) writeFileSync(file, text);
    else replace(known === undefined ? file : realpathSync(file), text, known?.mode ?? 0o666);
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown error";
    throw new ScoutError("usage", `--out: ${file} cannot be written (${code})`, { cause: thrown });
  }
}

function replace(file: string, text: string, mode: number): void {
  const beside = `${file}.${randomUUID()}`;
  try {
    writeFileSync(beside, text, { flag: "wx", mode });
    renameSync(beside, file);
  } finally {
    rmSync(beside, { force: true });
  }
}
