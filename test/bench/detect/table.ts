import { classNames } from "./classes.ts";
import { excesses } from "./incidents.ts";
import type { Row } from "./row.ts";

/** Prints a table for each detector, in the rows' order. */
export function printTables(rows: readonly Row[]): void {
  for (const detector of new Set(rows.map((row) => row.detector))) {
    const own = rows.filter((row) => row.detector === detector);
    console.log(
      `\n${detector}: false episodes a series-week (number); share found, and median poll, of incidents that add so many calls a bucket; ± is one standard error`,
    );
    console.log(
      [`class`.padEnd(10), "false".padEnd(13), ...excesses.map((excess) => `+${excess}`.padEnd(width))].join(" "),
    );
    for (const name of classNames) for (const row of own) if (row.class === name) console.log(lineOf(row));
  }
}

const width = 17;
const percent = (share: number): string => (100 * share).toFixed(1);

function lineOf(row: Row): string {
  const found = excesses.map((excess) => {
    const { share, incidents, medianPolls } = row.sizes[excess];
    const error = Math.sqrt((share * (1 - share)) / incidents);
    return `${percent(share).padStart(5)}% ±${percent(error)} (${medianPolls ?? "-"})`.padEnd(width);
  });
  const wrong = `${row.falsePerWeek.toFixed(3)} (${row.falseEpisodes})`.padEnd(13);
  return [row.class.padEnd(10), wrong, ...found].join(" ").trimEnd();
}
