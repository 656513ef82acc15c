/** Runs that are asked for where no process stays: each is a message, and the store knows what became of it. No I/O of its own. */
import { randomUUID } from "node:crypto";
import type { AskedRun } from "../model.ts";
import type { Store } from "../remember/store.ts";
import { rfc3339 } from "../report/document.ts";
import { formatDuration } from "../words/duration.ts";
import type { ScanOrder, Scans } from "./parts.ts";
import { brokenOff, faultOf, isLeased } from "./scans.ts";

export interface Queued {
  store(): Promise<Store>;
  /** Into the queue. @throws ScoutError `queue/unavailable` */
  send(body: string): Promise<void>;
  now(): number;
}

/** No function runs longer than a quarter of an hour: what was asked for before is in nobody's way, ms. */
const longestRun = 15 * 60_000;
/** What neither ended nor changed for so long will not end any more, ms: by then its message is among the dead letters. */
const longestWait = 6 * 60 * 60_000;

export function queued({ store, send, now }: Queued): Scans {
  return {
    async ask(order) {
      const { cluster, by } = order;
      const kept = await store();
      if (await isLeased(kept, cluster)) return null;
      const at = now();
      const run: AskedRun = {
        ...{ id: randomUUID(), cluster, state: "queued", by, at, changed: at },
        ...{ document: null, fault: null },
      };
      if (!(await kept.askRun(run, at - longestRun))) return null;
      try {
        await send(messageOf(order, run.id));
      } catch (thrown) {
        await kept.keepRun({ ...run, state: "failed", changed: now(), fault: faultOf(thrown) });
        throw thrown;
      }
      return run;
    },
    async find(id) {
      const run = await (await store()).askedRun(id, now());
      const isOver = run === null || run.state === "done" || run.state === "failed";
      return isOver || run.changed > now() - longestWait ? run : { ...run, state: "failed", fault: { ...brokenOff } };
    },
  };
}

/** As `poll` takes it. */
function messageOf({ cluster, at, since, dryRun, replyTo }: ScanOrder, id: string): string {
  return JSON.stringify({
    ...{ cluster, id },
    ...(at === null ? {} : { at: rfc3339(at) }),
    ...(since === null ? {} : { since: "at" in since ? rfc3339(since.at) : formatDuration(since.back) }),
    ...(dryRun ? { dryRun } : {}),
    ...(replyTo === null ? {} : { replyTo }),
  });
}
