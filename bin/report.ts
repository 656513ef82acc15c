/** `egress-scout report`: the inventory of what is remembered, as text, JSON, metrics or a page. */
import { type Command, Option } from "commander";
import { readSettings } from "../lib/config/index.ts";
import { readVerdicts } from "../lib/config/verdicts.ts";
import { type Inventory, inventory } from "../lib/inventory.ts";
import type { Store } from "../lib/remember/store.ts";
import { inventoryDocument } from "../lib/report/inventory.ts";
import { inventoryText } from "../lib/report/inventory-text.ts";
import { type LiveInventory, liveInventoryText } from "../lib/report/live-inventory.ts";
import { precisionMetrics } from "../lib/report/metrics.ts";
import { wirePicture } from "../lib/wire/picture.ts";
import { wireStore } from "../lib/wire.ts";
import { again, lasting } from "./again.ts";
import { textSettings } from "./colour.ts";
import { errorText, printError } from "./failure.ts";
import { endOnSignals } from "./interrupt.ts";
import { isLive, liveScreen } from "./live-screen.ts";
import { common } from "./options.ts";
import { stderrLog } from "./stderr-log.ts";
import { writeWhole } from "./write-whole.ts";

const formats = ["text", "json", "metrics", "html"] as const;

interface ReportOptions {
  config?: string;
  state?: string;
  cluster?: string;
  existing?: string[];
  out?: string;
  format?: (typeof formats)[number];
  /** From one reading to the next, ms. */
  watch?: number;
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
  egress-scout report --watch                    a live view of it, read again every 5 s; q ends it

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
  command.addOption(common.watch("5s").conflicts("out"));
  command.action(async (options: ReportOptions) => {
    endOnSignals();
    if (options.watch !== undefined) process.exitCode = await watchReport(options, options.watch);
    else if (options.out === undefined) process.stdout.write(await report(options));
    else writeWhole(options.out, await report(options));
  });
}

async function report(options: ReportOptions): Promise<string> {
  const { out } = options;
  const format = options.format ?? (out === undefined ? "text" : "html");
  if (format === "html") return await withStore(options, page);
  const told = await withStore(options, remembered);
  if (format === "json") return `${JSON.stringify(inventoryDocument(told), null, 2)}\n`;
  if (format === "metrics") return precisionMetrics(told.clusters);
  return inventoryText(told, out === undefined ? textSettings() : { colour: false });
}

/** What is read of a state. */
interface Reading {
  config: Awaited<ReturnType<typeof readSettings>>;
  store: Store;
  existing: readonly string[];
  when: { only: string | null; at: number };
}

async function withStore<T>(options: ReportOptions, work: (reading: Reading) => Promise<T>): Promise<T> {
  const { config: file, state, cluster, existing = [] } = options;
  const config = await readSettings(file ?? null);
  const store = await wireStore(state ?? config.state, true);
  const when = { only: cluster ?? null, at: Date.now() };
  try {
    return await work({ config, store, existing, when });
  } finally {
    await store.close();
  }
}

async function remembered({ config, store, when }: Reading): Promise<Inventory> {
  const reviewed = config.verdicts === undefined ? [] : readVerdicts(config.verdicts);
  return await inventory(store, reviewed, when);
}

/** What it is made of is loaded when it is needed: other reports need not wait for it. */
async function page({ config, store, existing, when }: Reading): Promise<string> {
  const [{ picture }, { pageData }, { pageHtml }, { pageAssets }] = await Promise.all([
    import("../lib/picture.ts"),
    import("../lib/report/page/pack.ts"),
    import("../lib/report/page/html.ts"),
    import("../lib/report/page/assets.ts"),
  ]);
  const log = stderrLog("warn");
  try {
    const told = await picture(await wirePicture(config, store, existing), { ...when, tell: log.announce });
    return pageHtml(pageData(told), pageAssets()).html;
  } finally {
    log.done();
  }
}

/** Reads the state again and again; what cannot be read is said, and read the next time. */
async function watchReport(options: ReportOptions, every: number): Promise<number> {
  const print = async () => void process.stdout.write(await report(options));
  if ((options.format ?? "text") !== "text" || !isLive())
    return await again(every, lasting(reading(print), printError));
  const view: LiveInventory = { every, told: null, error: null, nextAt: Date.now() };
  const screen = liveScreen((size) => liveInventoryText(view, { ...textSettings(), ...size, now: Date.now() }));
  try {
    const read = async () => void Object.assign(view, { told: await withStore(options, remembered), error: null });
    const failed = (thrown: unknown) => void Object.assign(view, { error: errorText(thrown) });
    const pausing = (nextAt: number) => {
      view.nextAt = nextAt;
      screen.draw();
    };
    return await again(every, lasting(reading(read), failed), pausing);
  } finally {
    screen.close();
    if (view.error !== null) process.stderr.write(`${view.error}\n`);
  }
}

const reading = (read: () => Promise<void>) => async () => {
  await read();
  return 0;
};
