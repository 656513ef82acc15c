/** ADAPTER: access logs in files, plain or gzip, and on stdin. */
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { ScoutError } from "../../errors.ts";
import type { Labels, LogLine } from "../../model.ts";
import { printable } from "../../words/printable.ts";
import type { AccessLogs } from "./access-logs.ts";
import { fileLabels } from "./file-labels.ts";
import { type Line, lines } from "./lines.ts";

/**
 * Every line of a file, whatever the window: whose time is outside of it is for the reader to tell.
 * @param path of a file; gzip is recognised by its first bytes, whatever it is called
 */
export function logFile(path: string): AccessLogs {
  const name = `the file ${printable(path).slice(1, -1)}`;
  return { name, late: false, most: null, read: () => read(() => createReadStream(path), fileLabels(path), name) };
}

/** The same for a stream that can be read once: stdin. */
export function logStream(stream: Readable, name: string): AccessLogs {
  return { name, late: false, most: null, read: () => read(() => stream, {}, name) };
}

async function* read(open: () => Readable, labels: Labels, name: string): AsyncGenerator<LogLine[]> {
  try {
    for await (const batch of lines(unpacked(open()))) yield batch.map((one) => logLine(one, labels));
  } catch (thrown) {
    if (thrown instanceof ScoutError) throw thrown;
    const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown";
    throw new ScoutError("logs/unavailable", `${name} cannot be read to its end (${code})`, {
      mend: code.startsWith("Z_") ? "it is cut short, or no gzip" : "",
      cause: thrown,
    });
  }
}

const logLine = ({ text, cut }: Line, labels: Labels): LogLine =>
  cut ? { text, time: null, labels, cut } : { text, time: null, labels };

/** The bytes as they are, or what was packed. */
async function* unpacked(stream: Readable): AsyncGenerator<Uint8Array> {
  const pieces = stream[Symbol.asyncIterator]();
  let first: Buffer = Buffer.alloc(0);
  // A pipe may give one byte at a time.
  while (first.length < 2) {
    const { value, done } = await pieces.next();
    if (done === true) break;
    first = Buffer.concat([first, typeof value === "string" ? Buffer.from(value) : value]);
  }
  const packed = first[0] === 0x1f && first[1] === 0x8b;
  const all = async function* (): AsyncGenerator<Uint8Array> {
    yield first;
    for await (const piece of { [Symbol.asyncIterator]: () => pieces }) yield piece;
  };
  yield* packed ? gunzipped(all()) : all();
}

async function* gunzipped(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = Readable.from(pieces);
  const gunzip = createGunzip();
  source.on("error", (error) => gunzip.destroy(error));
  yield* source.pipe(gunzip);
}
