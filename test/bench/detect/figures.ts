/** (g) Detection: what the issue sets targets for, beside what one of the others does on the same series. */
import { type Row as BenchRow, type Limit, rowOf } from "../row.ts";
import { asked, type ClassName } from "./classes.ts";
import { peers } from "./peers.ts";
import type { Row } from "./row.ts";
import type { Share } from "./share.ts";
import type { WholeRow } from "./whole-table.ts";

const ours = "ours 0.25/key";
/** ElastAlert's spike rule. */
const peer = peers[0]?.name ?? "";
export const shown: readonly string[] = [ours, peer];
/** Where +10 is to be found nearly always. */
const clear: readonly ClassName[] = ["zero", "rare", "bursty", "steady5", "cron", "hcron", "wcron"];
/** An incident is six polls long; one that was not found while it lasted stands for this. */
const never = 7;

export interface Scored {
  rows: readonly Row[];
  /** Of +10 in `daily`, by those that are shown. */
  daily: readonly Share[];
  whole: readonly WholeRow[];
}

/** Shares and rates are the worst of all classes; the limits are those of a full run, whose sample is large enough to tell. */
export function detectionRows({ rows, daily, whole }: Scored, isFull: boolean): BenchRow[] {
  const inClasses = (detector: string, classes: readonly ClassName[]) =>
    rows.filter((row) => row.detector === detector && classes.includes(row.class));
  const rowFor = (
    figure: string,
    unit: string,
    limit: Limit,
    value: (rows: readonly Row[]) => number,
    classes = asked,
  ) =>
    rowOf("g", {
      ...{ figure, unit, ours: value(inClasses(ours, classes)), baseline: value(inClasses(peer, classes)) },
      ...{ against: `${peer}, on the same series`, limit: isFull ? limit : undefined },
    });
  const leastShare = (size: 10 | 30) => (some: readonly Row[]) =>
    100 * Math.min(...some.map((row) => row.sizes[size].share));
  const slowest = (size: 10 | 30) => (some: readonly Row[]) =>
    Math.max(...some.map((row) => row.sizes[size].medianPolls ?? never));
  const [dailyOurs, dailyPeer] = [ours, peer].map((name) => daily.find(({ detector }) => detector === name));
  return [
    rowFor("false episodes a series-week, worst class", "count", { of: "ours", most: 0.1 }, (some) =>
      Math.max(...some.map((row) => row.falsePerWeek)),
    ),
    rowFor(
      "+10 found, worst of zero, rare, bursty, steady, crons",
      "%",
      { of: "ours", least: 99 },
      leastShare(10),
      clear,
    ),
    rowOf("g", {
      ...{ figure: `+10 found, daily, of ${dailyOurs?.incidents}`, unit: "%" },
      ...{ ours: percent(dailyOurs), baseline: percent(dailyPeer), error: 100 * (dailyOurs?.error ?? Number.NaN) },
      ...{ against: `${peer}, on the same series`, limit: isFull ? { of: "ours", least: 94 } : undefined },
    }),
    rowFor("+30 found, worst of the same and daily", "%", { of: "ours", least: 99 }, leastShare(30), [
      ...clear,
      "daily",
    ]),
    rowFor(
      "polls until half of +10 are found, worst of the same and daily",
      "count",
      { of: "ours", most: 3 },
      slowest(10),
      [...clear, "daily"],
    ),
    rowFor(
      "polls until half of +30 are found, worst of the same and daily",
      "count",
      { of: "ours", most: 2 },
      slowest(30),
      [...clear, "daily"],
    ),
    ...([10, 30] as const).flatMap((size) => replayRows(whole, size)),
  ];
}

/** What is told of a workload of which nothing was ever blocked before is told as newly blocked, not as a spike (docs/bench.md). */
function replayRows(whole: readonly WholeRow[], size: 10 | 30): BenchRow[] {
  const of = (judge: WholeRow["judge"]) => whole.find((row) => row.judge === judge && row.class === "all")?.sizes[size];
  const against = "the detector alone on the same counts";
  const baseline = percent(of("scraped"));
  return [
    rowOf("g", {
      ...{ figure: `+${size} found by replay through a real Prometheus, as a spike`, unit: "%" },
      ...{ ours: percent(of("replay")), baseline, against },
    }),
    rowOf("g", {
      ...{ figure: `+${size} found by replay through a real Prometheus, as a spike or newly blocked`, unit: "%" },
      ...{ ours: percent(of("told")), baseline, against },
    }),
  ];
}

const percent = (found: { share: number } | undefined) => 100 * (found?.share ?? Number.NaN);
