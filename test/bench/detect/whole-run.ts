/**
 * How well spikes are found by the product as a whole: the same kinds of series as blocked calls of workloads in a real Prometheus, through
 * `egress-scout replay`, beside the detector alone on the very same series.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { z } from "zod";
import { configSchema } from "../../../lib/config/schema.ts";
import { spikeParameters } from "../../../lib/detect/spike/parameters.ts";
import type { FindingKind } from "../../../lib/model.ts";
import type { replaySchema } from "../../../lib/report/replay.ts";
import { runScout } from "../../command/run-scout.ts";
import { createBlocks, startPrometheus } from "../../tools/prometheus.ts";
import { tempFolder } from "../../tools/temp.ts";
import { asked, type ClassName } from "./classes.ts";
import { type Laid, lay, openings, type Span, scoreReports } from "./laid.ts";
import { scoreOurs } from "./ours.ts";
import type { Outcome } from "./outcome.ts";
import { bucketBefore, type Scraped, scrape, scrapedText, timeOf, workloadOf } from "./scraped.ts";
import { day, fortnight, week } from "./time.ts";

type ReplayDocument = z.infer<typeof replaySchema>;

export interface WholeSettings extends Span {
  seed: number;
  /** Series of each class. */
  series: number;
  classes?: readonly ClassName[];
}

/** Fixed before the first run was looked at. */
const heldOut = 7002;
export const wholeFull: WholeSettings = { seed: heldOut, series: 3, learn: fortnight, scored: week };
export const wholeQuick: WholeSettings = { seed: heldOut, series: 1, learn: week, scored: 2 * day };

/** False alarms that each key may cost in a week. */
const perKey = 0.25;

/**
 * One series: spikes that replay reported; incidents that it reported as a spike or, where nothing was ever blocked before, as new; what the
 * detector alone does in one go over what was scraped; and with each incident thought of alone, over the calls that were made.
 */
export interface WholeSeries {
  class: ClassName;
  workload: string;
  replay: Outcome;
  told: Outcome["found"];
  scraped: Outcome;
  alone: Outcome;
}

export interface WholeRun extends WholeSettings {
  /** A key is a workload with its one destination; its total is none of its own where the destination is the only one. */
  keys: number;
  runs: number;
  /** Of the replays alone: learning, and all the runs. */
  seconds: number;
  runsPerSecond: number;
  /** The same buckets through the detector alone. */
  detectorSeconds: number;
  warnings: string[];
  results: WholeSeries[];
}

/**
 * Makes the series, holds them in Prometheus, replays, and scores. Those of `gap` have a Prometheus of their own, since it is away.
 * Leaves nothing behind.
 */
export async function wholeRun(settings: WholeSettings): Promise<WholeRun> {
  const { seed, series, classes = asked } = settings;
  const all = classes.flatMap((name) => Array.from({ length: series }, (_, nth) => lay(seed, name, nth, settings)));
  const scraped = all.map((one, index) => scrape(seed, one, index));
  const groups = [false, true].map((isGap) => scraped.filter(({ one }) => (one.name === "gap") === isGap));
  const results: WholeSeries[] = [];
  const warnings = new Set<string>();
  const sums = { runs: 0, seconds: 0 };
  for (const group of groups.filter((one) => one.length > 0)) {
    const { document, seconds } = await replayed(group, settings);
    sums.runs += document.runs;
    sums.seconds += seconds;
    for (const one of document.warnings) warnings.add(one);
    results.push(...group.map((each) => resultOf(each, document)));
  }
  const started = performance.now();
  for (const { counts } of scraped) openings(counts, parameters());
  const detectorSeconds = (performance.now() - started) / 1000;
  const speed = { ...sums, runsPerSecond: sums.runs / sums.seconds, detectorSeconds };
  return { ...settings, keys: all.length, ...speed, warnings: [...warnings], results };
}

/** What the config says where it says nothing, at the budget of one key. */
function parameters() {
  const { spike } = configSchema.shape.detect.parse({});
  return spikeParameters({ ...spike, falseAlarmsPerWeek: perKey }, 1);
}

function resultOf({ one, counts }: Scraped, document: ReplayDocument): WholeSeries {
  const spikes = reportsOf(document, one, ["blocked-spike"]);
  return {
    class: one.name,
    workload: workloadOf(one),
    replay: scoreReports(one, spikes),
    told: scoreReports(one, reportsOf(document, one, ["blocked-spike", "new-blocked"])).found,
    scraped: scoreReports(one, openings(counts, parameters())),
    alone: scoreOurs(one, parameters()),
  };
}

/** The polls, by the bucket that just ended, in which something of these kinds was reported as open for the series. */
function reportsOf({ findings }: ReplayDocument, one: Laid, kinds: readonly FindingKind[]): number[] {
  const opened = findings.filter(
    ({ kind, state, source }) => kinds.includes(kind) && state === "open" && source.workload === workloadOf(one),
  );
  // What grew worse comes again; it is no second report.
  return opened
    .filter(({ id }, index) => opened.findIndex((other) => other.id === id) === index)
    .map(({ at }) => bucketBefore(Date.parse(at)));
}

async function replayed(
  group: readonly Scraped[],
  { learn, scored }: WholeSettings,
): Promise<{ document: ReplayDocument; seconds: number }> {
  const folder = tempFolder("whole-run");
  const dir = join(folder.path, "prometheus");
  try {
    await createBlocks(scrapedText(group), dir);
    const prometheus = await startPrometheus({ dir });
    try {
      const config = join(folder.path, "egress-scout.yaml");
      const clusters = [{ name: "bench", prometheus: { url: prometheus.url } }];
      const detect = { spike: { falseAlarmsPerWeek: perKey * group.length } };
      // JSON is YAML.
      writeFileSync(config, JSON.stringify({ clusters, detect }));
      const [from, to] = [fortnight, fortnight + scored].map((bucket) => new Date(timeOf(bucket)).toISOString());
      const span = ["--from", from ?? "", "--to", to ?? "", "--learn", `${learn / day}d`];
      const started = performance.now();
      // A name server that does not answer: who owns an address is no matter here.
      const args = ["--config", config, "--dns", "127.0.0.1:1", ...span, "--format", "json"];
      const ended = await runScout(["replay", ...args], {
        started: (child) => void process.once("exit", () => child.kill()),
      });
      const seconds = (performance.now() - started) / 1000;
      if (ended.code !== 0) throw new Error(`replay: exit ${ended.code}: ${ended.stderr}`);
      return { document: JSON.parse(ended.stdout), seconds };
    } finally {
      await prometheus.stop();
    }
  } finally {
    folder.remove();
  }
}
