import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const bench = fileURLToPath(new URL("../../bench/logs/stream.ts", import.meta.url));

async function read(megabytes: number) {
  const { stdout } = await promisify(execFile)(process.execPath, [bench, String(megabytes)]);
  return JSON.parse(stdout);
}

describe("a stream of access logs", () => {
  it("is counted exactly, in memory that does not grow with it", async () => {
    const [small, large] = [await read(8), await read(96)];
    for (const one of [small, large]) expect({ lines: one.lines, counted: one.counted }).toEqual(one.expected);
    // What is beyond is garbage that was not collected yet; the stream itself would be 96.
    expect(large.rssMost - small.rssMost).toBeLessThan(60);
  });
});
