/**
 * Ranges that overlap, as one sorted line of disjoint ones: a look-up is then one binary search, whatever the nesting. Where ranges
 * overlap the one that begins last wins, then the shorter, then the one with the larger value; of prefixes that is the longest. Pure.
 */
import type { Width, Words } from "./address-words.ts";
import { inOrder } from "./sort.ts";
import type { Spans } from "./spans.ts";

/** From the address i of `starts` up to the one before that of i + 1, `values[i]` holds. */
export interface Flat {
  width: Width;
  starts: Uint32Array;
  values: Uint32Array;
}

/** The value where there is no range; no range may bear it. */
export const nothing = 0xffff_ffff;

/** @param order of the rows, the winner of two that overlap last, where a shorter way to it is known */
export function flatten(spans: Spans, order = inOrder(spans)): Flat {
  const { width, starts, ends, values } = spans;
  const line = emptyLine(width, 2 * values.length);
  /** The ranges that hold the address reached, the winner last; those that ended under a winner are taken off when it ends. */
  const open = new Uint32Array(values.length);
  let depth = 0;
  for (let at = 0; at <= order.length; at++) {
    const row = order[at] ?? nobody;
    while (depth > 0 && (row === nobody || compare(width, ends, open[depth - 1] ?? 0, starts, row) < 0)) {
      const ended = open[--depth] ?? 0;
      while (depth > 0 && compare(width, ends, open[depth - 1] ?? 0, ends, ended) <= 0) depth--;
      writeAfter(line, ends, ended, depth === 0 ? nothing : (values[open[depth - 1] ?? 0] ?? nothing));
    }
    if (row === nobody) break;
    open[depth++] = row;
    writeAt(line, starts, row, values[row] ?? nothing);
  }
  return { width, starts: line.starts.slice(0, line.count * width), values: line.values.slice(0, line.count) };
}

const nobody = -1;

/** The value that holds for an address of the same family, or `nothing`. */
export function valueAt({ width, starts, values }: Flat, address: Words): number {
  const first = address[0] ?? 0;
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const word = starts[middle * width] ?? 0;
    if (word > first || (word === first && width > 1 && compareTail(starts, middle, address) > 0)) high = middle;
    else low = middle + 1;
  }
  return low === 0 ? nothing : (values[low - 1] ?? nothing);
}

/** By the words behind the first, which decides nearly always. */
function compareTail(starts: Uint32Array, row: number, address: Words): number {
  for (let word = 1; word < 4; word++) {
    const difference = (starts[row * 4 + word] ?? 0) - (address[word] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function compare(width: Width, one: Uint32Array, row: number, other: Uint32Array, otherRow: number): number {
  for (let word = 0; word < width; word++) {
    const difference = (one[row * width + word] ?? 0) - (other[otherRow * width + word] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The disjoint ranges while they are written, from the lowest address up. */
interface Line extends Flat {
  count: number;
}

const emptyLine = (width: Width, most: number): Line => ({
  width,
  starts: new Uint32Array(most * width),
  values: new Uint32Array(most),
  count: 0,
});

function writeAt(line: Line, words: Uint32Array, row: number, value: number): void {
  const { width, starts, count } = line;
  for (let word = 0; word < width; word++) starts[count * width + word] = words[row * width + word] ?? 0;
  write(line, value);
}

/** From the address after that in the row on; behind the last address of all there is nothing to write. */
function writeAfter(line: Line, words: Uint32Array, row: number, value: number): void {
  const { width, starts, count } = line;
  let carry = 1;
  for (let word = width - 1; word >= 0; word--) {
    const next = (words[row * width + word] ?? 0) + carry;
    starts[count * width + word] = next;
    carry = next > 0xffff_ffff ? 1 : 0;
  }
  if (carry === 0) write(line, value);
}

/** From the address at `count` on. A range that begins where the one before did takes its place. */
function write(line: Line, value: number): void {
  const { width, starts, values } = line;
  if (line.count > 0 && compare(width, starts, line.count - 1, starts, line.count) === 0) line.count--;
  // Neighbours of one value are one range: what its prefix is follows from the address asked for.
  if ((line.count === 0 ? nothing : values[line.count - 1]) === value) return;
  values[line.count++] = value;
}
