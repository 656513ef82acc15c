/** Runs that are asked for, made in this process: one at a time for each cluster, whoever else makes runs of it. No I/O of its own. */
import { randomUUID } from "node:crypto";
import { asScoutError, ScoutError } from "../errors.ts";
import type { AskedRun } from "../model.ts";
import type { Store } from "../remember/store.ts";
import type { ScanDocument } from "../report/scan-schema.ts";
import type { Log } from "../words/log.ts";
import type { ScanOrder, Scans } from "./parts.ts";

export interface InProcess {
  store(): Promise<Store>;
  /** One run. @throws ScoutError */
  scan(order: ScanOrder): Promise<ScanDocument>;
  /** Tells whoever waits in Slack. Never rejects. */
  tell(replyTo: string, run: AskedRun): Promise<void>;
  now(): number;
  log: Log;
}

export interface OwnScans extends Scans {
  /** Resolves when no run goes on. */
  idle(): Promise<void>;
  /** Says of the runs that go on that they were broken off. */
  abandon(): Promise<void>;
}

export const brokenOff = { code: "interrupted", message: "the process that made the run has ended" } as const;

export function inProcess({ store, scan, tell, now, log }: InProcess): OwnScans {
  /** By cluster; null for a run that is not yet known to begin. */
  const going = new Map<string, AskedRun | null>();
  const work = new Set<Promise<void>>();

  const carryOut = async (order: ScanOrder, run: AskedRun): Promise<void> => {
    const ended = await scan(order).then(
      (document): AskedRun => ({ ...run, state: "done", document: JSON.stringify(document) }),
      (thrown: unknown): AskedRun => ({ ...run, state: "failed", fault: faultOf(thrown) }),
    );
    const { id, cluster, fault } = ended;
    if (fault !== null) log.error("a run that was asked for failed", { id, cluster, ...fault, error: fault.message });
    try {
      await (await store()).keepRun({ ...ended, changed: now() });
    } catch (thrown) {
      log.error("what came of a run is not kept", { id, cluster, code: asScoutError(thrown).code });
    }
    going.delete(cluster);
    if (order.replyTo !== null) await tell(order.replyTo, ended);
  };

  return {
    async ask(order) {
      const { cluster, by } = order;
      if (going.has(cluster)) return null;
      going.set(cluster, null);
      try {
        const kept = await store();
        if (await isLeased(kept, cluster)) {
          going.delete(cluster);
          return null;
        }
        const at = now();
        const run: AskedRun = {
          ...{ id: randomUUID(), cluster, state: "running", by, at, changed: at },
          ...{ document: null, fault: null },
        };
        // What an earlier process left unfinished is in nobody's way.
        await kept.askRun(run, at);
        going.set(cluster, run);
        const done = carryOut(order, run);
        work.add(done);
        void done.finally(() => work.delete(done));
        return run;
      } catch (thrown) {
        going.delete(cluster);
        throw thrown;
      }
    },
    async find(id) {
      const kept = await store();
      const run = await kept.askedRun(id, now());
      if (run === null || run.state === "done" || run.state === "failed") return run;
      const isOurs = [...going.values()].some((one) => one?.id === id);
      if (isOurs || (await isLeased(kept, run.cluster))) return run;
      // It may have ended since it was looked up.
      const again = await kept.askedRun(id, now());
      return again === null || again.state === "done" || again.state === "failed"
        ? again
        : { ...again, state: "failed", fault: { ...brokenOff } };
    },
    async idle() {
      await Promise.all(work);
    },
    async abandon() {
      const left = [...going.values()].filter((run) => run !== null);
      if (left.length === 0) return;
      const kept = await store();
      for (const run of left) await kept.keepRun({ ...run, state: "failed", changed: now(), fault: { ...brokenOff } });
    },
  };
}

/** Does a run of the cluster go on, in this process or another one? */
export async function isLeased(store: Store, cluster: string): Promise<boolean> {
  try {
    await (await store.lease(cluster, 0)).release();
    return false;
  } catch (thrown) {
    if (thrown instanceof ScoutError && thrown.code === "store/busy") return true;
    throw thrown;
  }
}

/** What the log says more of is told by its code alone where it may tell of this machine. */
export function faultOf(thrown: unknown): NonNullable<AskedRun["fault"]> {
  const { code, message, mend } = asScoutError(thrown);
  if (code === "internal") return { code, message: "the log says more" };
  return { code, message: mend === "" ? message : `${message}; ${mend}` };
}
