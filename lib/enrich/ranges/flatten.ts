/**
 * Ranges that overlap, as one sorted line of disjoint ones: a look-up is then one binary search, whatever the nesting. Where ranges
 * overlap the one that begins last wins, then the shorter, then the one with the larger value; of prefixes that is the longest. Pure.
 */
import type { Words } from "./address-words.ts";
import { inOrder } from "./sort.ts";
import { type Columns, emptyColumns, type Spans } from "./spans.ts";

/** From the address in row i of `starts` up to the one before row i + 1, `values[i]` holds. */
export interface Flat {
  starts: Columns;
  values: Uint32Array;
}

/** The value where there is no range; no range may bear it. */
export const nothing = 0xffff_ffff;

export function flatten(spans: Spans): Flat {
  const line = lineOf(spans.starts.length, 2 * spans.values.length);
  /** The ranges that hold the address reached, the winner last; those that ended under a winner are taken off when it ends. */
  const open: number[] = [];
  const closeBefore = (next: number | null): void => {
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      if (next !== null && compare(spans.ends, top, spans.starts, next) >= 0) return;
      const ended = top;
      while (open.length > 0 && compare(spans.ends, open.at(-1) ?? 0, spans.ends, ended) <= 0) open.pop();
      const below = open.at(-1);
      line.after(spans.ends, ended, below === undefined ? nothing : (spans.values[below] ?? nothing));
    }
  };
  for (const row of inOrder(spans)) {
    closeBefore(row);
    open.push(row);
    line.at(spans.starts, row, spans.values[row] ?? nothing);
  }
  closeBefore(null);
  return line.done();
}

/** The value that holds for an address of the same family, or `nothing`. */
export function valueAt({ starts, values }: Flat, address: Words): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isAfter(starts, middle, address)) high = middle;
    else low = middle + 1;
  }
  return low === 0 ? nothing : (values[low - 1] ?? nothing);
}

function isAfter(starts: Columns, row: number, address: Words): boolean {
  const difference = (starts[0]?.[row] ?? 0) - (address[0] ?? 0);
  return difference > 0 || (difference === 0 && starts.length > 1 && compareTail(starts, row, address) > 0);
}

/** By the words behind the first, which decides nearly always. */
function compareTail(starts: Columns, row: number, address: Words): number {
  for (let word = 1; word < starts.length; word++) {
    const difference = (starts[word]?.[row] ?? 0) - (address[word] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function compare(one: Columns, row: number, other: Columns, otherRow: number): number {
  for (let word = 0; word < one.length; word++) {
    const difference = (one[word]?.[row] ?? 0) - (other[word]?.[otherRow] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Makes the address in a row the next one; false where it was the last of all. */
function increased(columns: Columns, row: number): boolean {
  for (let word = columns.length - 1; word >= 0; word--) {
    const column = columns[word];
    if (column === undefined) break;
    column[row] = (column[row] ?? 0) + 1;
    if (column[row] !== 0) return true;
  }
  return false;
}

/** The disjoint ranges while they are written, from the lowest address up. */
function lineOf(width: number, most: number) {
  const starts = emptyColumns(width, most);
  const values = new Uint32Array(most);
  let count = 0;
  const copy = (columns: Columns, row: number): void => {
    for (let word = 0; word < width; word++) (starts[word] ?? values)[count] = columns[word]?.[row] ?? 0;
  };
  /** From the address in row `count` on. A range that begins where the one before did takes its place. */
  const write = (value: number): void => {
    if (count > 0 && compare(starts, count - 1, starts, count) === 0) count--;
    // Neighbours of one value are one range: what its prefix is follows from the address asked for.
    if ((count === 0 ? nothing : values[count - 1]) === value) return;
    values[count] = value;
    count++;
  };
  return {
    at(columns: Columns, row: number, value: number): void {
      copy(columns, row);
      write(value);
    },
    /** From the address after that in the row on; behind the last address of all there is nothing to write. */
    after(columns: Columns, row: number, value: number): void {
      copy(columns, row);
      if (increased(starts, count)) write(value);
    },
    done: (): Flat => ({ starts: starts.map((column) => column.slice(0, count)), values: values.slice(0, count) }),
  };
}
