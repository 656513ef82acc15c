/** Bytes → lines, in constant memory. Pure. */
import { longestLine } from "./access-logs.ts";

/** A line's text; `cut` where it was longer than a line may be, and `text` is how it begins. */
export interface Line {
  text: string;
  cut: boolean;
}

const newline = 10;
/** Of a line that is too long, so much is kept to show, bytes. */
const shown = 200;

/**
 * The lines of a stream of bytes, UTF-8, in batches of one chunk each. What is no UTF-8 becomes U+FFFD. The last line needs no newline;
 * a line longer than `longestLine` comes cut, and costs no more memory than that.
 */
export async function* lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Line[]> {
  const rest = new Rest();
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const last = bytes.lastIndexOf(newline);
    if (last === -1) {
      rest.add(bytes);
      continue;
    }
    const first = bytes.indexOf(newline);
    rest.add(bytes.subarray(0, first));
    const batch = [rest.take()];
    if (last > first) {
      batch.push(...between(bytes.subarray(first + 1, last)));
    }
    rest.add(bytes.subarray(last + 1));
    yield batch;
  }
  if (!rest.isEmpty()) yield [rest.take()];
}

/** Whole lines. Where all of them together are no longer than one may be, there is nothing to be measured. */
function between(bytes: Buffer): Line[] {
  if (bytes.length <= longestLine)
    return bytes
      .toString("utf8")
      .split("\n")
      .map((text) => ({ text, cut: false }));
  const all: Line[] = [];
  for (let from = 0; from <= bytes.length; ) {
    const end = bytes.indexOf(newline, from);
    const to = end === -1 ? bytes.length : end;
    const isCut = to - from > longestLine;
    all.push({ text: bytes.toString("utf8", from, isCut ? from + shown : to), cut: isCut });
    from = to + 1;
  }
  return all;
}

const cut = (text: string): Line => ({ text, cut: true });

/** The beginning of a line whose end has not come yet. */
class Rest {
  #parts: Buffer[] = [];
  #size = 0;

  add(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#size += bytes.length;
    if (this.#size <= longestLine) {
      // A copy: the chunk's own memory may be used again.
      this.#parts.push(Buffer.from(bytes));
    } else if (this.#parts.length > 0 || this.#size === bytes.length) {
      const begin = Buffer.concat([...this.#parts, bytes.subarray(0, shown)]).subarray(0, shown);
      this.#parts = [Buffer.from(begin)];
    }
  }

  isEmpty = (): boolean => this.#size === 0;

  take(): Line {
    const text = Buffer.concat(this.#parts).toString("utf8");
    const line = this.#size > longestLine ? cut(text.slice(0, shown)) : { text, cut: false };
    this.#parts = [];
    this.#size = 0;
    return line;
  }
}
