/** Many address ranges, each with a number, in typed arrays: an object for each would take ten times the memory. Pure. */
import type { Width } from "./address-words.ts";

/** Range i begins at the address i of `starts`, ends at (and holds) that of `ends`, and bears `values[i]`. */
export interface Spans {
  width: Width;
  /** 32-bit words of one address after the other, the most significant first. */
  starts: Uint32Array;
  ends: Uint32Array;
  values: Uint32Array;
}

export interface SpanBuilder {
  add(start: ArrayLike<number>, end: ArrayLike<number>, value: number): void;
  done(): Spans;
}

export function spanBuilder(width: Width): SpanBuilder {
  let room = 1024;
  let starts = new Uint32Array(room * width);
  let ends = new Uint32Array(room * width);
  let values = new Uint32Array(room);
  let count = 0;
  return {
    add(start, end, value) {
      if (count === room) {
        room *= 2;
        [starts, ends, values] = [grown(starts, room * width), grown(ends, room * width), grown(values, room)];
      }
      for (let word = 0; word < width; word++) {
        starts[count * width + word] = start[word] ?? 0;
        ends[count * width + word] = end[word] ?? 0;
      }
      values[count++] = value;
    },
    done: () => ({
      width,
      starts: starts.slice(0, count * width),
      ends: ends.slice(0, count * width),
      values: values.slice(0, count),
    }),
  };
}

function grown(words: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const longer = new Uint32Array(length);
  longer.set(words);
  return longer;
}

/** All ranges of several of one width, one after another. */
export function together(width: Width, parts: readonly Spans[]): Spans {
  return {
    width,
    starts: joined(parts.map(({ starts }) => starts)),
    ends: joined(parts.map(({ ends }) => ends)),
    values: joined(parts.map(({ values }) => values)),
  };
}

function joined(parts: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
