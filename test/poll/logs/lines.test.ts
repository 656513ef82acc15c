import { expect, it } from "vitest";
import { longestLine } from "../../../lib/poll/logs/access-logs.ts";
import { type Line, lines } from "../../../lib/poll/logs/lines.ts";

async function read(bytes: Buffer, size: number): Promise<Line[]> {
  async function* pieces() {
    for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
  }
  const all: Line[] = [];
  for await (const batch of lines(pieces())) all.push(...batch);
  return all;
}

it("a line is too long by its bytes, whether it comes at once or in pieces", async () => {
  const long = "€".repeat(100_000);
  const bytes = Buffer.from(`a\n${long}\nb\n\nc`);
  expect(Buffer.byteLength(long)).toBeGreaterThan(longestLine);
  for (const size of [bytes.length, 64 * 1024, 1000]) {
    const all = await read(bytes, size);
    expect(all.map(({ text, cut }) => (cut ? text.slice(0, 3) : text))).toEqual(["a", "€€€", "b", "", "c"]);
    expect(all.map(({ cut }) => cut)).toEqual([false, true, false, false, false]);
  }
});
