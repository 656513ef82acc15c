import { classNames } from "./classes.ts";
import { excesses } from "./incidents.ts";
import type { Row } from "./row.ts";

/** Prints a table for each detector, in the rows' order. */
export function printTables(rows: readonly Row[]): void {
  for (const detector of new Set(rows.map((row) => row.detector))) {
    const own = rows.filter((row) => row.detector === detector);
    console.log(
      `\n${detector}: false episodes a series-week (number); share found, and median poll, of incidents that add so many calls a bucket`,
    );
    console.log(
      [`class`.padEnd(10), "false".padEnd(13), ...excesses.map((excess) => `+${excess}`.padEnd(13))].join(" "),
    );
    for (const name of classNames) for (const row of own) if (row.class === name) console.log(lineOf(row));
  }
}

function lineOf(row: Row): string {
  const found = excesses.map((excess) => {
    const { share, medianPolls } = row.sizes[excess];
    return `${(100 * share).toFixed(1).padStart(5)}% (${medianPolls ?? "-"})`.padEnd(13);
  });
  const wrong = `${row.falsePerWeek.toFixed(3)} (${row.falseEpisodes})`.padEnd(13);
  return [row.class.padEnd(10), wrong, ...found].join(" ").trimEnd();
}
