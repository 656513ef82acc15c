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
  /** Left out as soon as not all fits whole: what is told elsewhere as well. */
  extra: readonly string[];
  /** Left out where there is no room, in this order; and what goes below the row then. */
  leave: readonly string[];
  below: readonly string[];
  /** What stands for what is cut out. */
  dots: string;
}

const unbounded: Fit = { width: null, whole: [], extra: [], leave: [], below: [], dots: "..." };
const gap = 2;
/** Less of a cell says nothing. */
const least = 12;

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
  const widths = width === null ? natural : fitted(heads, natural, { ...wanted, width });
  const numeric = heads.map(
    (_, column) => rows.length > 1 && rows.slice(1).every((row) => isNumber(row[column] ?? "")),
  );
  const shown = [...heads.keys()].filter((column) => widths[column] !== null);
  return rows.map((row, index) => {
    const cells = shown.map((column) => {
      const cell = cutMiddle(row[column] ?? "", widths[column] ?? 0, dots);
      const isLast = column === shown.at(-1);
      const padded = numeric[column]
        ? padStart(cell, widths[column] ?? 0)
        : isLast
          ? cell
          : padEnd(cell, widths[column] ?? 0);
      return paint(padded, column, index);
    });
    const rest = heads.flatMap((head, column) =>
      widths[column] === null && below.includes(head) ? [[head, row[column] ?? ""] as const] : [],
    );
    return [
      cells.join("  ").trimEnd(),
      ...(index === 0 ? [] : belowRow(rest, width, (text) => paint(text, -1, index))),
    ].join("\n");
  });
}

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

/** A width for each column, null for those that go below the row. The widest give way first. */
function fitted(
  heads: readonly string[],
  natural: readonly number[],
  { width, whole, extra, leave, below }: Fit & { width: number },
): (number | null)[] {
  const isWhole = heads.map((head) => whole.includes(head));
  const smallest = natural.map((one, column) =>
    isWhole[column] ? one : Math.min(one, Math.max(least, heads[column]?.length ?? 0)),
  );
  const widths: (number | null)[] = [...natural];
  const sum = (all: readonly number[]) => {
    const inRow = all.filter((_, column) => widths[column] !== null);
    return inRow.reduce((total, one) => total + one, 0) + gap * Math.max(0, inRow.length - 1);
  };
  const take = (head: string) => {
    if (heads.includes(head)) widths[heads.indexOf(head)] = null;
  };
  for (const head of extra) if (sum(natural) > width) take(head);
  for (const head of [...leave, ...below]) if (sum(smallest) > width) take(head);
  for (let over = sum(widths.map((one) => one ?? 0)) - width; over > 0; over -= 1) {
    const room = widths.map((one, column) => (one === null || one <= (smallest[column] ?? 0) ? 0 : one));
    const most = Math.max(...room);
    if (most === 0) break;
    widths[room.indexOf(most)] = most - 1;
  }
  return widths;
}
