/** Many address ranges, each with a number, in typed arrays: an object for each would take ten times the memory. Pure. */
import type { Words } from "./address-words.ts";

/** 32-bit words of addresses by position: one column for IPv4, four for IPv6, the most significant first. */
export type Columns = readonly Uint32Array[];

/** Range i begins at the address in row i of `starts`, ends at (and holds) that of `ends`, and bears `values[i]`. */
export interface Spans {
  starts: Columns;
  ends: Columns;
  values: Uint32Array;
}

export interface SpanBuilder {
  add(start: Words, end: Words, value: number): void;
  done(): Spans;
}

/** @param width words of an address: 1 or 4 */
export function spanBuilder(width: number): SpanBuilder {
  let columns = emptyColumns(2 * width + 1, 1024);
  let count = 0;
  return {
    add(start, end, value) {
      if (count === columns[0]?.length) columns = columns.map((column) => grown(column, 2 * count));
      for (let word = 0; word < width; word++) {
        put(columns[word], count, start[word]);
        put(columns[width + word], count, end[word]);
      }
      put(columns[2 * width], count, value);
      count++;
    },
    done() {
      const full = columns.map((column) => column.slice(0, count));
      return {
        starts: full.slice(0, width),
        ends: full.slice(width, 2 * width),
        values: full[2 * width] ?? new Uint32Array(0),
      };
    },
  };
}

export const emptyColumns = (width: number, length: number): Uint32Array[] =>
  Array.from({ length: width }, () => new Uint32Array(length));

function grown(column: Uint32Array, length: number): Uint32Array {
  const longer = new Uint32Array(length);
  longer.set(column);
  return longer;
}

function put(column: Uint32Array | undefined, row: number, value = 0): void {
  if (column !== undefined) column[row] = value;
}
