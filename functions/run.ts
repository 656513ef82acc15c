/** One run of one cluster within an invocation: logged, measured and ended in time. */
import type { Context } from "aws-lambda";
import type { ClusterConfig, Config } from "../lib/config/index.ts";
import type { Store } from "../lib/remember/store.ts";
import { type Scan, scout } from "../lib/scout.ts";
import type { SelfWatch } from "../lib/wire/self.ts";
import { type Call, order, wire } from "../lib/wire.ts";
import type { Log } from "../lib/words/log.ts";
import { errorFacts } from "./json-log.ts";
import { inTime } from "./limit.ts";

export interface Room {
  config: Config;
  store: Store;
  context: Context;
  log: Log;
  self: SelfWatch;
  /** How long to wait for another run of the cluster to end, at most, ms; null for as `order` has it. */
  patience: number | null;
}

/** @throws ScoutError of a run, `interrupted` where it would not be done in the function's time; counted already */
export async function runCluster(cluster: ClusterConfig, call: Call, room: Room): Promise<Scan> {
  const { config, store, context, log, self, patience } = room;
  return await self.watching(cluster.name, async () => {
    const scan = await inTime(context, async (limit) => {
      const machine = { env: process.env, now: Date.now, log, limit };
      const ordered = order(config, cluster, call, machine);
      const parts = await wire(config, cluster, store, call, machine);
      const most = Math.min(patience ?? Number.POSITIVE_INFINITY, ordered.patience ?? Number.POSITIVE_INFINITY);
      return await scout(parts, { ...ordered, patience: most });
    });
    say(scan, log);
    return scan;
  });
}

/** Channels that took nothing are an error of theirs, and none of the run: what they should have got is remembered and stays due. */
function say(scan: Scan, log: Log): void {
  const failed = Map.groupBy(
    scan.deliveries.filter(({ ok }) => !ok),
    ({ letter }) => letter.channel,
  );
  for (const [channel, letters] of failed) {
    const error = letters.find((one) => one.error !== null)?.error;
    const instead = letters.filter(({ insteadTo }) => insteadTo !== undefined).length;
    log.error("a channel could not be told", {
      ...{ channel, messages: letters.length, instead },
      ...(error ? errorFacts(error) : {}),
    });
  }
  for (const text of scan.warnings) log.warn("the run warns", { warning: text });
  const { mode, queries, series, observations, known, findings, window } = scan;
  const times = { from: new Date(window.from).toISOString(), to: new Date(window.to).toISOString() };
  log.info("the run is done", { mode, ...times, queries, series, observations, known, findings: findings.length });
}
