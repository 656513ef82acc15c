/** Counts and shares as small pictures, for whoever shows text. Pure. */
import { grouped } from "./grouped.ts";

/** How counts are shown, oldest first. */
export type Chart = (counts: readonly number[]) => string;

/** Where only ASCII is sure to arrive. */
export const numbers: Chart = (counts) => counts.map((count) => grouped(count)).join(" ");

const steps = ["▁", "▂", "▃", "▅", "▇"];

/** Each count as a bar, of the highest in five steps; none is the lowest alone. */
export const sparkline: Chart = (counts) => {
  const highest = Math.max(...counts);
  const step = (count: number) => (count > 0 ? Math.max(1, Math.ceil((4 * count) / highest)) : 0);
  return counts.map((count) => steps[step(count)] ?? "").join("");
};

/** A share from 0 to 1 as a bar of so many cells: full where all is, empty where nothing is, and neither where some is. */
export function bar(share: number, cells: number, [full, empty]: readonly [string, string]): string {
  const most = share >= 1 ? cells : cells - 1;
  const least = share <= 0 ? 0 : 1;
  const filled = Math.min(most, Math.max(least, Math.round(share * cells)));
  return full.repeat(filled) + empty.repeat(cells - filled);
}

const mostShown = 24;

/** How it went, of several findings together, as a line of its own; empty where nobody knows, or there is not enough for a course. */
export function course(all: readonly (readonly number[] | undefined)[], chart: Chart = numbers): string {
  const lines = all.flatMap((one) =>
    one === undefined || !one.every((count) => count >= 0) ? [] : [one.slice(-mostShown)],
  );
  const length = Math.max(0, ...lines.map((one) => one.length));
  if (length < 2 || lines.length < all.length) return "";
  // They end at the same time.
  const sums = Array.from({ length }, (_, n) =>
    lines.reduce((sum, one) => sum + (one[one.length - length + n] ?? 0), 0),
  );
  return `\nEach five minutes: ${chart(sums)}`;
}

/** Two digits are what a forecast is good for. */
export const meanText = (mean: number): string =>
  Number(mean.toPrecision(2)).toLocaleString("en-US", { maximumFractionDigits: 6 });
