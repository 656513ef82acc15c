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
      const texts = bytes.toString("utf8", first + 1, last).split("\n");
      for (const text of texts)
        batch.push(text.length > longestLine ? cut(text.slice(0, shown)) : { text, cut: false });
    }
    rest.add(bytes.subarray(last + 1));
    yield batch;
  }
  if (!rest.isEmpty()) yield [rest.take()];
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
