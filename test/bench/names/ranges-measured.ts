/** What it takes to load an index in this process, and to keep it. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** The first load, the best of so many, and the memory of one more. */
export async function measured<Index>(load: () => Promise<{ index: Index }>, rounds: number) {
  const times = await timesOf(load, rounds);
  const before = kept();
  const { index } = await load();
  return { index, firstLoadMs: times[0] ?? 0, loadMs: Math.min(...times), memoryMB: (kept() - before) / 2 ** 20 };
}

/** In a function of its own, so that nothing of what is loaded is still held behind it. */
async function timesOf(load: () => Promise<unknown>, rounds: number): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const started = performance.now();
    await load();
    times.push(performance.now() - started);
  }
  return times;
}

/** Bytes in use when all that can go has gone. */
function kept(): number {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
