/** Ends the process where a case hangs: nothing else of it could, since a hang lets no timer go off. */
import { writeSync } from "node:fs";
import { isMainThread, Worker, workerData } from "node:worker_threads";

/** A case may be at work for so long, ms, whatever else the machine does meanwhile. */
const longest = 120_000;
const bytes = 1_024;

/** [how many cases began or ended, length of the name], then the name. */
const shared = new SharedArrayBuffer(8 + bytes);
const counters = new Int32Array(shared, 0, 2);
const held: { dog: Worker | null } = { dog: null };

/** `work`, which has to end. `name` says what hung. */
export async function watched<T>(name: string, work: () => Promise<T>): Promise<T> {
  held.dog ??= start();
  const { written } = new TextEncoder().encodeInto(name, new Uint8Array(shared, 8));
  Atomics.store(counters, 1, written);
  // Odd while a case is at work.
  Atomics.add(counters, 0, 1);
  try {
    return await work();
  } finally {
    Atomics.add(counters, 0, 1);
  }
}

function start(): Worker {
  const worker = new Worker(new URL(import.meta.url), { workerData: { dog: shared }, execArgv: [] });
  worker.unref();
  return worker;
}

if (!isMainThread && workerData?.dog instanceof SharedArrayBuffer) watch(workerData.dog);

function watch(place: SharedArrayBuffer): void {
  const seen = new Int32Array(place, 0, 2);
  let [last, since] = [0, performance.now()];
  setInterval(() => {
    const now = Atomics.load(seen, 0);
    if (now !== last || now % 2 === 0) [last, since] = [now, performance.now()];
    if (performance.now() - since < longest) return;
    const name = Buffer.from(place, 8, Atomics.load(seen, 1)).toString("utf8");
    writeSync(2, `\nfuzz: a case of "${name}" has been at work for ${longest / 1000} s: it hangs\n`);
    process.kill(process.pid, "SIGKILL");
  }, 1_000);
}
