/** A fleet in a real Prometheus, learned by the built command: the state as it was before a quiet run, and before one that meets what is new. */
import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { command } from "../../command/run-scout.ts";
import { ensureTools } from "../../tools/ensure.ts";
import { createBlocks, type Prometheus, startPrometheus } from "../../tools/prometheus.ts";
import { tempFolder } from "../../tools/temp.ts";
import { took } from "../process.ts";
import { end, type Fleet, fleetPast, minute } from "./fleet.ts";

/** `quiet`: the window holds what is known. `new`: it holds the fleet's fresh flows as well. */
export type Kind = "quiet" | "new";

export const interval = 5 * minute;
/** From the first sample to the end: what is learned, a quiet run's window, and that of the run that meets what is new. */
const minutes = 17;
export const endOf: Record<Kind, number> = { quiet: end - interval, new: end };

export interface Held {
  prometheus: Prometheus;
  folder: string;
  /** Kept as they are: runs take copies. */
  states: Record<Kind, string>;
  /** A fresh copy of a state, and the arguments of a scan of it. */
  scan(kind: Kind, state?: string): string[];
  stop(): Promise<void>;
}

export async function hold(fleet: Omit<Fleet, "minutes">, rules?: object): Promise<Held> {
  await ensureTools(["prometheus", "promtool"]);
  const folder = tempFolder("scan");
  const dir = join(folder.path, "prometheus");
  try {
    await createBlocks(fleetPast({ ...fleet, minutes }), dir);
    const prometheus = await startPrometheus({ dir, ...(rules === undefined ? {} : { rules }) });
    const states = { quiet: join(folder.path, "quiet.db"), new: join(folder.path, "new.db") };
    const args = (at: number, state: string) => {
      const where = ["--prometheus", prometheus.url, "--cluster", "bench", "--state", `sqlite:${state}`];
      // A name server that is not there: what names cost is measured elsewhere.
      return [command, "scan", ...where, "--at", `${at / 1000}`, "--dns", "127.0.0.1:1", "--format", "json"];
    };
    const scan = (kind: Kind, state = states[kind]) => {
      const copy = join(folder.path, "copy.db");
      for (const rest of ["", "-wal", "-shm"]) rmSync(`${copy}${rest}`, { force: true });
      copyFileSync(state, copy);
      return args(endOf[kind], copy);
    };
    const learned = took(process.execPath, [...args(end - 2 * interval, states.quiet), "--learn", "5m"]);
    expectCounts(learned.stdout, { learned: fleet.flows });
    copyFileSync(states.quiet, states.new);
    expectCounts(took(process.execPath, args(endOf.quiet, states.new)).stdout, { known: fleet.flows, findings: 0 });
    const stop = async () => {
      await prometheus.stop();
      folder.remove();
    };
    return { prometheus, folder: folder.path, states, scan, stop };
  } catch (thrown) {
    folder.remove();
    throw thrown;
  }
}

/** @throws Error where a scan did not do what it was laid out to do: then its time says nothing */
export function expectCounts(text: string, wanted: { learned?: number; known?: number; findings?: number }): void {
  const { run, learned, findings } = JSON.parse(text);
  const found = { learned: learned?.destinations, known: run.known, findings: findings.length };
  for (const [name, count] of Object.entries(wanted))
    if (found[name as keyof typeof found] !== count)
      throw new Error(`not as laid out: ${JSON.stringify({ found, wanted })}`);
}
