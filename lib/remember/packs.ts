/**
 * Rows → compressed parts of a size that one row of a table may have, and back. Pure. A part is a piece of a stream of frames: the length
 * of a frame (4 bytes, big endian), the CRC-32 of what follows (4 bytes), and half a megabyte of lines of JSON, compressed by Brotli.
 */
import { brotliCompressSync, brotliDecompressSync, constants, crc32 } from "node:zlib";
import { ScoutError } from "../errors.ts";

/** What a row of a pack says, and of what kind it is. */
export type PackRow = readonly [kind: string, value: unknown];

/** DynamoDB takes 400 KB a row, its names and keys included. */
const partSize = 390_000;
const frameSize = 1 << 19;
/** Beyond this the ratio grows little, and time and memory much. */
const settings = { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_LGWIN]: 19 };
const headSize = 8;

/** Parts of at most `partSize` bytes, made one at a time as they are asked for. */
export function* pack(rows: Iterable<PackRow>): Generator<Buffer> {
  let rest: Buffer[] = [];
  let size = 0;
  for (const framed of frames(rows)) {
    rest.push(framed);
    size += framed.length;
    if (size <= partSize) continue;
    const all = Buffer.concat(rest);
    let from = 0;
    for (; all.length - from > partSize; from += partSize) yield all.subarray(from, from + partSize);
    rest = [all.subarray(from)];
    size = all.length - from;
  }
  if (size > 0) yield Buffer.concat(rest);
}

function* frames(rows: Iterable<PackRow>): Generator<Buffer> {
  let lines: string[] = [];
  let length = 0;
  for (const row of rows) {
    const line = JSON.stringify(row);
    lines.push(line);
    length += line.length + 1;
    if (length < frameSize) continue;
    yield framed(lines.join("\n"));
    lines = [];
    length = 0;
  }
  if (lines.length > 0) yield framed(lines.join("\n"));
}

function framed(text: string): Buffer {
  const body = brotliCompressSync(text, { params: settings });
  const head = Buffer.alloc(headSize);
  head.writeUInt32BE(body.length, 0);
  head.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([head, body]);
}

/**
 * Reads a pack part by part, in order: rows come as soon as their frame is whole.
 * @throws ScoutError `store/corrupt` where it is none, or was changed
 */
export function unpacker(what: string) {
  let rest: Uint8Array = Buffer.alloc(0);
  return {
    *push(part: Uint8Array): Generator<PackRow> {
      rest = rest.length === 0 ? part : Buffer.concat([rest, part]);
      for (;;) {
        const view = Buffer.from(rest.buffer, rest.byteOffset, rest.byteLength);
        if (view.length < headSize) return;
        const end = headSize + view.readUInt32BE(0);
        if (view.length < end) return;
        const body = view.subarray(headSize, end);
        rest = view.subarray(end);
        yield* rowsOf(what, body, view.readUInt32BE(4));
      }
    },
    /** Nothing may be left. */
    end(): void {
      if (rest.length > 0) throw damaged(what, "it ends in the middle");
    },
  };
}

function rowsOf(what: string, body: Buffer, sum: number): PackRow[] {
  if (crc32(body) !== sum) throw damaged(what, "its check sum is another");
  try {
    return brotliDecompressSync(body).toString().split("\n").map(toRow);
  } catch (cause) {
    throw damaged(what, "it cannot be read", cause);
  }
}

function toRow(line: string): PackRow {
  const row: unknown = JSON.parse(line);
  if (!Array.isArray(row) || typeof row[0] !== "string") throw new ScoutError("store/corrupt", "a line that is no row");
  return [row[0], row[1]];
}

const damagedMend =
  "restore the table to a time before (point-in-time recovery), or delete the row that docs/stores.md names: the cluster is then learned anew";

export function damaged(what: string, why: string, cause?: unknown): ScoutError {
  return new ScoutError("store/corrupt", `${what} is damaged: ${why}`, { mend: damagedMend, cause });
}
