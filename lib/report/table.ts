/** Rows of cells as text in columns. Pure. */
import { cutMiddle, displayWidth, padEnd, padStart, wrap } from "./width.ts";

/** Colours a cell after it was cut and padded; column -1 is what stands below a row. */
export type Paint = (text: string, column: number, row: number) => string;

/** How a table is made to fit a terminal; columns by their heads. */
export interface Fit {
  /** Cells of a line; null where lines may be as long as they like. */
  width: number | null;
  /** Never cut: what is copied. */
  whole: readonly string[];
  /** Cells that a column keeps for as long as others can give way; 12 where nothing is said. */
  least: Readonly<Record<string, number>>;
  /** Left out as soon as not all fits whole: what is told elsewhere as well. */
  extra: readonly string[];
  /** Left out where there is no room, in this order; and what goes below the row then. */
  leave: readonly string[];
  below: readonly string[];
  /** What stands for what is cut out. */
  dots: string;
}

const unbounded: Fit = { width: null, whole: [], least: {}, extra: [], leave: [], below: [], dots: "..." };
const gap = 2;
/** Less of a cell says little, and less than that nothing. */
const usualLeast = 12;
const lastLeast = 6;

/** Aligned columns, two spaces apart, numbers to the right; the first row has the heads. All rows have as many cells. */
export function table(rows: readonly (readonly string[])[], paint: Paint, fit: Partial<Fit> = {}): string {
  return tableRows(rows, paint, fit).join("\n");
}

/** The same, one text for each row, with what stands below it. */
export function tableRows(rows: readonly (readonly string[])[], paint: Paint, fit: Partial<Fit> = {}): string[] {
  const wanted = { ...unbounded, ...fit };
  const { width, dots, below } = wanted;
  const heads = rows[0] ?? [];
  const natural = heads.map((_, column) =>
    rows.reduce((most, row) => Math.max(most, displayWidth(row[column] ?? "")), 0),
  );
  const widths =
    width === null
      ? natural
      : fitted(
          heads,
          natural,
          heads.map((_, column) => isEmpty(rows, column)),
          { ...wanted, width },
        );
  const numeric = heads.map(
    (_, column) => rows.length > 1 && rows.slice(1).every((row) => isNumber(row[column] ?? "")),
  );
  const shown = [...heads.keys()].filter((column) => widths[column] !== null);
  return rows.map((row, index) => {
    const last = shown.findLastIndex((column) => row[column] !== "");
    const cells = shown.slice(0, last + 1).map((column, place) => {
      const cell = cutMiddle(row[column] ?? "", widths[column] ?? 0, dots);
      const cellWidth = widths[column] ?? 0;
      const padded = numeric[column] ? padStart(cell, cellWidth) : place === last ? cell : padEnd(cell, cellWidth);
      return paint(padded, column, index);
    });
    if (index === 0) return cells.join("  ");
    const rest = heads.flatMap((head, column) =>
      widths[column] === null && below.includes(head) ? [[head, row[column] ?? ""] as const] : [],
    );
    return [cells.join("  "), ...belowRow(rest, width, (text) => paint(text, -1, index))].join("\n");
  });
}

/** Nothing but dashes: that needs no room. */
const isEmpty = (rows: readonly (readonly string[])[], column: number) =>
  rows.length > 1 && rows.slice(1).every((row) => /^-?$/.test(row[column] ?? ""));
const isNumber = (cell: string) => /^\d+( ?%)?$/.test(cell);

/** What had no room beside the rest, whole: a value that is longer than a line is the terminal's to break. */
function belowRow(
  rest: readonly (readonly [string, string])[],
  width: number | null,
  paint: (text: string) => string,
): string[] {
  const said = rest.filter(([, value]) => value !== "-" && value !== "");
  if (said.length === 0) return [];
  const text = said.map(([head, value]) => `${head.toLowerCase()} ${value}`).join(", ");
  return wrap(`    ${text}`, width, 4).split("\n").map(paint);
}

/** A width for each column, null for those that are not in the row. The widest give way first. */
function fitted(
  heads: readonly string[],
  natural: readonly number[],
  isEmpty: readonly boolean[],
  { width, whole, least, extra, leave, below }: Fit & { width: number },
): (number | null)[] {
  const widths = natural.map((one, column): number | null => (isEmpty[column] ? null : one));
  const smallest = (least: (head: string) => number) =>
    natural.map((one, column) => {
      const head = heads[column] ?? "";
      return whole.includes(head) ? one : Math.min(one, Math.max(least(head), head.length));
    });
  const usual = smallest((head) => least[head] ?? usualLeast);
  const sum = (all: readonly (number | null)[]) => {
    const inRow = all.filter((one, column) => one !== null && widths[column] !== null).map((one) => one ?? 0);
    return inRow.reduce((total, one) => total + one, 0) + gap * Math.max(0, inRow.length - 1);
  };
  const take = (head: string) => {
    if (heads.includes(head)) widths[heads.indexOf(head)] = null;
  };
  for (const head of extra) if (sum(natural) > width) take(head);
  for (const head of [...leave, ...below]) if (sum(usual) > width) take(head);
  for (const floor of [usual, smallest(() => lastLeast)]) {
    for (let over = sum(widths) - width; over > 0; over -= 1) {
      const room = widths.map((one, column) => (one === null || one <= (floor[column] ?? 0) ? 0 : one));
      const most = Math.max(...room);
      if (most === 0) break;
      widths[room.indexOf(most)] = most - 1;
    }
  }
  return widths;
}
