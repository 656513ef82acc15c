/**
 * How well spikes are found, ours beside others': `node test/bench/detect/score.ts [--quick]` prints a table and after it one JSON document.
 * The seeds were never tuned on: the detector's constants are the design's, from seeds of its own.
 */
import { type SpikeParameters, spikeParameters, threshold } from "../../../lib/detect/spike/parameters.ts";
import { type ClassName, classNames } from "./classes.ts";
import { type Excess, excesses, type Sample, sampleOf } from "./incidents.ts";
import { scoreOurs } from "./ours.ts";
import type { Outcome } from "./outcome.ts";
import { peers } from "./peers.ts";
import type { Found, Row } from "./row.ts";
import { printTables } from "./table.ts";
import { scorePeer } from "./theirs.ts";
import { fortnight, week } from "./time.ts";

/** What is scored, and how much of it. */
export interface Settings {
  seed: number;
  /** Series of each class, and incidents of each size in each series. */
  series: number;
  places: number;
  classes?: readonly ClassName[];
  detectors?: readonly string[];
}

/** Fixed before the first run was looked at. */
export const heldOut = 7001;
export const quick = { series: 12, places: 4 };
export const full = { series: 60, places: 12 };

const perKey = { falseAlarmsPerWeek: 0.25, floor: 5, ratio: 2 };
const fleet = { falseAlarmsPerWeek: 1, floor: 5, ratio: 2 };
const design: SpikeParameters = { threshold: threshold(0.25, 1), minExcess: 4.5, minRatio: 1.5 };

const ours = (parameters: SpikeParameters) => (sample: Sample) => scoreOurs(sample, parameters);

/** By name: ours with the config's floor and ratio at two budgets, and with the design's ratio; then the others. */
export const detectors: Readonly<Record<string, (sample: Sample) => Outcome>> = {
  "ours 0.25/key": ours(spikeParameters(perKey, 1)),
  "ours 500 keys 1/week": ours(spikeParameters(fleet, 500)),
  "ours 0.25/key ratio 1.5": ours(design),
  ...Object.fromEntries(peers.map((peer) => [peer.name, (sample: Sample) => scorePeer(sample, peer)])),
};

/** In: what to score. Out: a row for each detector and class; the same for the same settings, on every machine. */
export function score({
  seed,
  series,
  places,
  classes = classNames,
  detectors: wanted = Object.keys(detectors),
}: Settings): Row[] {
  return classes.flatMap((name) => {
    const outcomes = new Map<string, Outcome[]>(wanted.map((detector) => [detector, []]));
    for (let nth = 0; nth < series; nth += 1) {
      const sample = sampleOf(seed, name, nth, places);
      for (const [detector, list] of outcomes) {
        const run = detectors[detector];
        if (run === undefined) throw new Error(`no detector: ${detector}`);
        list.push(run(sample));
      }
    }
    return [...outcomes].map(([detector, list]) => rowOf(detector, name, list));
  });
}

function rowOf(detector: string, name: ClassName, outcomes: readonly Outcome[]): Row {
  const falseEpisodes = outcomes.reduce((sum, one) => sum + one.falseEpisodes, 0);
  const seriesWeeks = (outcomes.length * fortnight) / week;
  const sizes = Object.fromEntries(excesses.map((excess) => [excess, foundOf(outcomes, excess)])) as Record<
    Excess,
    Found
  >;
  return { detector, class: name, seriesWeeks, falseEpisodes, falsePerWeek: falseEpisodes / seriesWeeks, sizes };
}

function foundOf(outcomes: readonly Outcome[], excess: Excess): Found {
  const incidents = outcomes.flatMap(({ found }) => found).filter((one) => one.excess === excess);
  const polls = incidents.flatMap(({ poll }) => poll ?? []).sort((a, b) => a - b);
  return {
    incidents: incidents.length,
    found: polls.length,
    share: polls.length / incidents.length,
    medianPolls: polls[(polls.length - 1) >> 1] ?? null,
  };
}

if (import.meta.main) {
  const settings = { seed: heldOut, ...(process.argv.includes("--quick") ? quick : full) };
  const rows = score(settings);
  printTables(rows);
  const machine = { node: process.version, platform: process.platform, arch: process.arch };
  console.log(JSON.stringify({ schema: "egress-scout/bench-detect@1", machine, ...settings, rows }));
}
