/**
 * What a run pays: it loads the lists once, in a process where nothing is compiled yet. So each load is in a process of its own, in
 * turn with one that only reads the same files and parses their JSON, which nobody can do without. Modules are loaded before the clock
 * starts: `node test/bench/names/ranges-cold.ts load|json FOLDER` prints milliseconds, and those for which its main thread had a core.
 */
import { execFileSync } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface Cold {
  /** The best of all processes, and the one in the middle. */
  loadMs: number;
  medianMs: number;
  /** The best of the main thread's time on a core, which others on the machine lengthen least. */
  cpuMs: number;
  /** Reading and JSON.parse alone, and how many times as long it takes to load: by the best of each. */
  jsonParseMs: number;
  timesJsonParse: number;
}

type Part = "load" | "json";

/** Loads the folder's lists, in so many processes. */
export function coldLoad(folder: string, processes: number): Cold {
  const rounds = Array.from({ length: processes }, () => ({
    load: timeOf("load", folder),
    json: timeOf("json", folder),
  }));
  const loads = rounds.map(({ load }) => load.ms).sort((one, other) => one - other);
  const [loadMs = 0] = loads;
  const cpuMs = Math.min(...rounds.map(({ load }) => load.cpuMs));
  const jsonParseMs = Math.min(...rounds.map(({ json }) => json.ms));
  return { loadMs, medianMs: loads[processes >>> 1] ?? 0, cpuMs, jsonParseMs, timesJsonParse: loadMs / jsonParseMs };
}

interface Time {
  ms: number;
  cpuMs: number;
}

function timeOf(part: Part, folder: string): Time {
  const told = execFileSync(process.execPath, [fileURLToPath(import.meta.url), part, folder], { encoding: "utf8" });
  const [ms = 0, cpuMs = 0] = told.split(" ").map(Number);
  return { ms, cpuMs };
}

/** Our own loading, with its modules there: to parse JSON none are needed. */
async function ours(): Promise<(folder: string) => Promise<void>> {
  const { loadRanges } = await import("../../../lib/enrich/ranges/load.ts");
  return async (folder) => {
    const { index, warnings } = await loadRanges({ sources: [folder], cache: folder, now: 0 });
    if (index.size === 0 || warnings.length > 0) throw new Error(`${index.size} ranges: ${warnings.join("; ")}`);
  };
}

async function json(folder: string): Promise<void> {
  const files = await readdir(folder);
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  for (const text of texts) JSON.parse(text);
}

if (import.meta.main) {
  const [part, folder = "."] = process.argv.slice(2);
  const work = part === "load" ? await ours() : json;
  const [started, before] = [performance.now(), process.threadCpuUsage()];
  await work(folder);
  const { user, system } = process.threadCpuUsage(before);
  console.log(`${performance.now() - started} ${(user + system) / 1000}`);
}
