/** The figures of a whole run by class and in all, and how they are printed. */
import type { ClassName } from "./classes.ts";
import type { Outcome } from "./outcome.ts";
import type { score } from "./score.ts";
import { day, week } from "./time.ts";
import type { WholeRun, WholeSeries } from "./whole-run.ts";

type Found = ReturnType<typeof score>[number]["sizes"][30];

/** What incidents of a whole run add to a bucket. */
const sizes = [10, 30] as const;

/** Who judged: see `WholeSeries`. */
const judges = {
  replay: "replay: what egress-scout reports as spikes, through Prometheus",
  told: "replay: the same, or reported as newly blocked",
  scraped: "ours alone: on the counts that Prometheus holds, in one go",
  alone: "ours alone: on the calls made, each incident by itself",
} as const;

export interface WholeRow {
  judge: keyof typeof judges;
  class: ClassName | "all";
  seriesWeeks: number;
  /** Null where only incidents are looked at. */
  falseEpisodes: number | null;
  falsePerWeek: number | null;
  sizes: Record<(typeof sizes)[number], Found>;
}

/** A row for each judge and class, then one for all classes. */
export function wholeRows({ results, scored }: WholeRun): WholeRow[] {
  const classes = [...new Set(results.map((one) => one.class))];
  return (Object.keys(judges) as (keyof typeof judges)[]).flatMap((judge) =>
    [...classes, "all" as const].map((name) => {
      const own = results.filter((one) => name === "all" || one.class === name);
      return rowOf(judge, name, own, scored);
    }),
  );
}

function rowOf(
  judge: keyof typeof judges,
  name: WholeRow["class"],
  results: readonly WholeSeries[],
  scored: number,
): WholeRow {
  const seriesWeeks = (results.length * scored) / week;
  const falseEpisodes = judge === "told" ? null : results.reduce((sum, one) => sum + one[judge].falseEpisodes, 0);
  const found = results.flatMap((one) => (judge === "told" ? one.told : one[judge].found));
  return {
    judge,
    class: name,
    seriesWeeks,
    falseEpisodes,
    falsePerWeek: falseEpisodes === null ? null : falseEpisodes / seriesWeeks,
    sizes: { 10: foundOf(found, 10), 30: foundOf(found, 30) },
  };
}

function foundOf(all: Outcome["found"], excess: number): Found {
  const incidents = all.filter((one) => one.excess === excess);
  const polls = incidents.flatMap(({ poll }) => poll ?? []).sort((a, b) => a - b);
  const share = polls.length / incidents.length;
  return {
    incidents: incidents.length,
    found: polls.length,
    share,
    medianPolls: polls[(polls.length - 1) >> 1] ?? null,
  };
}

/** Prints a table for each judge. */
export function printWhole(run: WholeRun, rows: readonly WholeRow[]): void {
  const { keys, learn, scored, runs, seconds, runsPerSecond, detectorSeconds } = run;
  console.log(
    `\nwhole run: ${keys} keys, ${learn / day} days learned, ${scored / day} days replayed in ${runs} runs and ${seconds.toFixed(1)} s ` +
      `(${runsPerSecond.toFixed(0)} a second); the detector alone takes ${detectorSeconds.toFixed(2)} s for the same buckets`,
  );
  for (const [judge, words] of Object.entries(judges)) {
    console.log(`\n${words}`);
    console.log(
      ["class".padEnd(10), "false".padEnd(13), ...sizes.map((size) => `+${size}`.padEnd(17))].join(" ").trimEnd(),
    );
    for (const row of rows) if (row.judge === judge) console.log(lineOf(row));
  }
}

function lineOf(row: WholeRow): string {
  const wrong = row.falsePerWeek === null ? "" : `${row.falsePerWeek.toFixed(3)} (${row.falseEpisodes})`;
  const found = sizes.map((size) => {
    const { found: number, incidents, share, medianPolls } = row.sizes[size];
    return `${(100 * share).toFixed(1).padStart(5)}% ${`${number}/${incidents}`.padStart(5)} (${medianPolls ?? "-"})`.padEnd(
      17,
    );
  });
  return [row.class.padEnd(10), wrong.padEnd(13), ...found].join(" ").trimEnd();
}
