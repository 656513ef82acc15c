/** ADAPTER: metrics in a file, as node_exporter's textfile collector reads them. */
import { chmod, mkdir, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Sample } from "../report/exposition.ts";
import { merged } from "./merge.ts";

/** A writer holds the lock for milliseconds: one held for longer is of a process that was killed. */
const patience = 2_000;
const step = 20;

/**
 * Puts what a run tells into the file in one step, so that nobody reads half of it; whoever may see the folder may read it.
 * @throws the system's error where it cannot
 */
export async function writeTextfile(path: string, samples: readonly Sample[], cluster: string, isDone: boolean) {
  await mkdir(dirname(path), { recursive: true });
  // Neither name ends in .prom, which is what the collector reads.
  const beside = (end: string) => join(dirname(path), `.${basename(path)}.${end}`);
  const lock = beside("lock");
  const temporary = beside(`${process.pid}.tmp`);
  await take(lock);
  try {
    const before = await readFile(path, "utf8").catch(() => "");
    await writeFile(temporary, merged(before, samples, cluster, isDone));
    // Not by writeFile's mode, which the umask cuts.
    await chmod(temporary, 0o644);
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
    await rm(lock, { force: true });
  }
}

async function take(lock: string): Promise<void> {
  for (let waited = 0; waited < patience; waited += step) {
    try {
      await (await open(lock, "wx")).close();
      return;
    } catch (thrown) {
      if (!(thrown instanceof Error && "code" in thrown && thrown.code === "EEXIST")) throw thrown;
      await sleep(step);
    }
  }
}
