import { ScoutError } from "../../errors.ts";

/** How a number of a table is written: so many bytes, in one way. */
export interface NumberForm {
  width: number;
  write(view: DataView, at: number, value: number): void;
  read(view: DataView, at: number): number;
}

export interface ByteWriter {
  /** A whole number from 0 to 2^53 − 1: seven bits a byte, the low ones first. */
  whole(value: number): void;
  number(value: number, form: NumberForm): void;
  /** Numbers with runs of the same one written once. */
  numbers(values: ArrayLike<number>, form: NumberForm): void;
  done(): Uint8Array;
}

/**
 * A table is written in parts, each after a head byte: up to `longestList` it is followed by that many numbers and one; then come runs of
 * one number, of three at least, which follows; then runs of zeros, of two at least, which nothing follows.
 */
const longestList = 127;
const run = { head: 128, shortest: 3, longest: 66 };
const zeros = { head: 192, shortest: 2, longest: 65 };

/** Collects bytes. Out of `done`: all that was written, in a new array. */
export function byteWriter(): ByteWriter {
  const out: number[] = [];
  const scratch = new DataView(new ArrayBuffer(8));
  const number = (value: number, { width, write }: NumberForm): void => {
    write(scratch, 0, value);
    for (let i = 0; i < width; i += 1) out.push(scratch.getUint8(i));
  };
  return {
    whole(value) {
      let rest = value;
      for (; rest > 127; rest = Math.floor(rest / 128)) out.push((rest % 128) + 128);
      out.push(rest);
    },
    number,
    numbers(values, form) {
      let at = 0;
      while (at < values.length) {
        const { length, head, shortest } = runAt(values, at);
        if (length >= shortest) {
          out.push(head + length - shortest);
          if (head === run.head) number(values[at] ?? 0, form);
          at += length;
          continue;
        }
        const end = listEnd(values, at);
        out.push(end - at - 1);
        for (; at < end; at += 1) number(values[at] ?? 0, form);
      }
    },
    done: () => Uint8Array.from(out),
  };
}

/** How often the number at a place stands there in a row, and which kind of run that makes. */
function runAt(values: ArrayLike<number>, at: number): { length: number; head: number; shortest: number } {
  const { head, shortest, longest } = values[at] === 0 ? zeros : run;
  let length = 1;
  while (length < longest && at + length < values.length && values[at + length] === values[at]) length += 1;
  return { length, head, shortest };
}

/** Where the next run begins, the array ends, or the list is full. */
function listEnd(values: ArrayLike<number>, at: number): number {
  let end = at + 1;
  while (end < values.length && end - at <= longestList) {
    const { length, shortest } = runAt(values, end);
    if (length >= shortest) break;
    end += 1;
  }
  return end;
}

export interface ByteReader {
  whole(): number;
  number(form: NumberForm): number;
  numbers(length: number, form: NumberForm): number[];
  /** Throws unless everything was read. */
  end(): void;
}

/** Reads what `byteWriter` wrote, from `at` on. Throws ScoutError "store/corrupt" where bytes are missing, left over or make no sense. */
export function byteReader(bytes: Uint8Array, at: number): ByteReader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let next = at;
  const take = (width: number): number => {
    if (next + width > bytes.length) throw corrupt("it ends too soon");
    next += width;
    return next - width;
  };
  const number = ({ width, read }: NumberForm): number => read(view, take(width));
  return {
    whole() {
      let value = 0;
      for (let unit = 1; ; unit *= 128) {
        const byte = view.getUint8(take(1));
        value += (byte % 128) * unit;
        if (!Number.isSafeInteger(value)) throw corrupt("a number is too large");
        if (byte < 128) return value;
      }
    },
    number,
    numbers(length, form) {
      const values: number[] = [];
      while (values.length < length) {
        const head = view.getUint8(take(1));
        if (head <= longestList) for (let i = 0; i <= head; i += 1) values.push(number(form));
        else if (head < zeros.head) repeat(values, head - run.head + run.shortest, number(form));
        else repeat(values, head - zeros.head + zeros.shortest, 0);
      }
      if (values.length > length) throw corrupt("a table is too long");
      return values;
    },
    end() {
      if (next !== bytes.length) throw corrupt("something follows its end");
    },
  };
}

function repeat(values: number[], times: number, value: number): void {
  for (let i = 0; i < times; i += 1) values.push(value);
}

/** The error for bytes that are no state. */
export function corrupt(why: string): ScoutError {
  return new ScoutError("store/corrupt", `the history of a blocked destination cannot be read: ${why}`, {
    mend: "it can be deleted: it is learned again from Prometheus",
  });
}
