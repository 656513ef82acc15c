/** (g) Detection: what the issue sets targets for, beside what one of the others does on the same series. */
import { type Row as BenchRow, type Limit, rowOf } from "../row.ts";
import { asked, type ClassName } from "./classes.ts";
import { peers } from "./peers.ts";
import type { Row } from "./row.ts";
import type { WholeRow } from "./whole-table.ts";

const ours = "ours 0.25/key";
/** ElastAlert's spike rule. */
const peer = peers[0]?.name ?? "";
export const shown: readonly string[] = [ours, peer];
/** Where +10 is to be found nearly always. */
const clear: readonly ClassName[] = ["zero", "rare", "bursty", "steady5", "cron", "hcron", "wcron"];
/** An incident is six polls long; one that was not found while it lasted stands for this. */
const never = 7;

/** Shares and rates are the worst of all classes; the limits are those of a full run, whose sample is large enough to tell. */
export function detectionRows(rows: readonly Row[], whole: readonly WholeRow[], isFull: boolean): BenchRow[] {
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
  const replayed = whole.find((row) => row.judge === "replay" && row.class === "all");
  const alone = whole.find((row) => row.judge === "scraped" && row.class === "all");
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
    rowFor("+10 found, daily", "%", { of: "ours", least: 94 }, leastShare(10), ["daily"]),
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
    ...([10, 30] as const).map((size) =>
      rowOf("g", {
        ...{ figure: `+${size} found by replay through a real Prometheus`, unit: "%" },
        ...{
          ours: 100 * (replayed?.sizes[size].share ?? Number.NaN),
          baseline: 100 * (alone?.sizes[size].share ?? Number.NaN),
        },
        against: "the detector alone on the same counts",
      }),
    ),
  ];
}
