/** Each group of the table: what it measures at a size, the rows that come of it, and what else was found on the way. */
import { detectionRows, shown } from "./detect/figures.ts";
import { detectors, full, heldOut, quick, score } from "./detect/score.ts";
import { fullShare, quickShare, sharesOf } from "./detect/share.ts";
import { printTables } from "./detect/table.ts";
import { wholeFull, wholeQuick, wholeRun } from "./detect/whole-run.ts";
import { printWhole, wholeRows } from "./detect/whole-table.ts";
import { benchMemory, printMemory } from "./lambda/memory.ts";
import { functionRows } from "./lambda/rows.ts";
import { benchStart, printStart } from "./lambda/start.ts";
import { benchLint } from "./lint/scale.ts";
import { benchDns, printDns } from "./names/dns.ts";
import { benchRanges, printRanges } from "./names/ranges.ts";
import { nameRows } from "./names/rows.ts";
import { benchPlan, printPlan } from "./plan/scale.ts";
import { benchFleet, printFleet } from "./replay/fleet.ts";
import { type Group, type Row, rowOf } from "./row.ts";
import { benchGrowth } from "./scan/growth.ts";
import { benchInstead } from "./scan/instead.ts";
import { benchScan } from "./scan/scale.ts";
import { benchState, printState } from "./state/units.ts";

/** `tiny` is for tests: it shows that all is measured, and says nothing of how fast. */
export type Size = "full" | "quick" | "tiny";

export interface Found {
  rows: Row[];
  details: object;
  /** Prints the details as tables. */
  print?(): void;
}

const pick = <T>(size: Size, full: T, quick: T, tiny: T): T => ({ full, quick, tiny })[size];

export const measures: Readonly<Record<Group, (size: Size) => Promise<Found>>> = {
  a: (size) =>
    benchScan({
      flows: pick(size, 20_000, 2_000, 100),
      pods: 5,
      fresh: 10,
      rounds: pick(size, 11, 2, 1),
      isFull: size === "full",
    }),
  async b(size) {
    const sizes = pick(size, [1_000, 10_000, 100_000], [1_000, 10_000], [100, 200]);
    const { rows, details: scans } = await benchGrowth({ flows: sizes[0] ?? 0, sizes, rounds: pick(size, 9, 2, 1) });
    // In DynamoDB, where operations are what one pays.
    const state = await benchState(sizes);
    const of = (known: number) => state.find((one) => one.sightings === known && one.run === "10 new");
    const [first = 0, ...others] = sizes;
    const writes = others.map((known) =>
      rowOf("b", {
        ...{ figure: `10 new, ${known} known, in DynamoDB: written`, unit: "units" },
        ...{ ours: of(known)?.write ?? Number.NaN, baseline: of(first)?.write ?? Number.NaN },
        ...{ against: `the same with ${first} known`, limit: { of: "ratio" as const, most: 1 } },
      }),
    );
    return { rows: [...rows, ...writes], details: { scans, state }, print: () => printState(state) };
  },
  c: (size) => benchInstead({ flows: pick(size, 20_000, 2_000, 100), pods: 5, rounds: pick(size, 5, 1, 1) }),
  async d(size) {
    const ranges = await benchRanges(size !== "full");
    const lookUps = await benchDns(size !== "full");
    const print = () => {
      printRanges(ranges);
      printDns(lookUps);
    };
    return { rows: nameRows(lookUps, ranges), details: { ranges, lookUps }, print };
  },
  async e(size) {
    const start = await benchStart(pick(size, 21, 5, 1));
    const memory = await benchMemory(pick(size, 20_000, 1_000, 50), 5);
    const print = () => {
      printStart(start);
      printMemory(memory);
    };
    return { rows: functionRows(start, memory), details: { start, memory }, print };
  },
  async f(size) {
    const many = pick(size, 2_000, 100, 10);
    const plan = await benchPlan(many, many);
    const fleet = await benchFleet(pick(size, 500, 20, 2), pick(size, 7, 1, 1));
    const lint = benchLint({ entries: pick(size, 5_000, 500, 20), rounds: pick(size, 5, 1, 1) });
    const against = "the bare queries";
    const rows = [
      rowOf("f", {
        ...{ figure: `plan of ${plan.flows} flows with ${plan.entries} entries in force`, unit: "s", against },
        ...{ ours: plan.seconds, baseline: plan.querySeconds },
      }),
      rowOf("f", {
        ...{
          figure: `replay of ${fleet.days} days of ${fleet.sources} sources, ${fleet.runs} runs`,
          unit: "s",
          against,
        },
        ...{ ours: fleet.seconds, baseline: fleet.querySeconds },
      }),
      ...lint.rows,
    ];
    const print = () => {
      printPlan(plan);
      printFleet(fleet);
    };
    return { rows, details: { plan, fleet, lint: lint.details }, print };
  },
  async g(size) {
    const settings = {
      seed: heldOut,
      ...pick(size, full, quick, { series: 1, places: 1 }),
      // A short run has those that the table shows.
      detectors: Object.keys(detectors).filter((name) => size === "full" || shown.includes(name)),
    };
    const scored = score(settings);
    const daily = sharesOf({
      ...{ seed: heldOut, class: "daily", excess: 10, detectors: shown },
      ...pick(size, fullShare, quickShare, { series: 2, places: 1 }),
    });
    const { results, ...run } = await wholeRun(size === "full" ? wholeFull : wholeQuick);
    const whole = wholeRows({ ...run, results });
    const print = () => {
      printTables(scored);
      printWhole({ ...run, results }, whole);
    };
    const details = { scorer: { ...settings, rows: scored }, daily, wholeRun: { ...run, rows: whole, results } };
    return { rows: detectionRows({ rows: scored, daily, whole }, size === "full"), details, print };
  },
};
