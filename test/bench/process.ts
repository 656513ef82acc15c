/** Processes that are measured: how long one takes from start to end, and the most memory that it had. */
import { spawnSync } from "node:child_process";

export interface Took {
  ms: number;
  stdout: string;
  stderr: string;
}

/** @throws Error for one that ends otherwise than with 0 */
export function took(program: string, args: readonly string[]): Took {
  const started = performance.now();
  const { stdout, stderr, status } = spawnSync(program, args, { encoding: "utf8", maxBuffer: 1 << 30 });
  const ms = performance.now() - started;
  if (status !== 0) throw new Error(`${program} ${args[0] ?? ""} ended with ${status}: ${stderr.slice(-2000)}`);
  return { ms, stdout, stderr };
}

/** Node with these arguments, and the most memory that its process had, MB (10^6 bytes). */
export function tookMemory(args: readonly string[]): Took & { peakMB: number } {
  const run = took(process.execPath, ["--import", saying, ...args]);
  const kibibytes = Number(/^peak (\d+)$/m.exec(run.stderr)?.[1]);
  return { ...run, peakMB: (kibibytes * 1024) / 1e6 };
}

/** Says it when it ends. Linux' own figure where there is one: `maxRSS` there begins with what the process had that started this one. */
export const saying = `data:text/javascript,${encodeURIComponent(`process.on("exit", () => {
  let kibibytes = process.resourceUsage().maxRSS;
  try {
    const status = process.getBuiltinModule("node:fs").readFileSync("/proc/self/status", "utf8");
    kibibytes = Number(/VmHWM:\\s+(\\d+)/.exec(status)?.[1] ?? kibibytes);
  } catch {}
  process.stderr.write("\\npeak " + kibibytes + "\\n");
});`)}`;

/** What a Node that does nothing has. */
export const bareMB = (): number => tookMemory(["--eval", "0"]).peakMB;
