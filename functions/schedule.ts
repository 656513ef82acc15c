/** Called by EventBridge Scheduler: a message for each cluster, so that their runs go side by side. Asks no Prometheus itself. */
import type { Handler } from "aws-lambda";
import type { Config } from "../lib/config/index.ts";
import { ScoutError } from "../lib/errors.ts";
import { queryDelay, wireStore } from "../lib/wire/store.ts";
import { currentConfig, stateOf } from "./config.ts";
import { answerable, errorFacts, jsonLog } from "./json-log.ts";
import { publish } from "./metrics.ts";
import { readTick } from "./payload.ts";
import { sendAll } from "./queue.ts";

/** What was asked for. */
interface Scheduled {
  /** The end of the runs. */
  at: string;
  clusters: string[];
}

export const handler: Handler<unknown, Scheduled> = async (event, context) => {
  const log = jsonLog(context, { correlation_id: context.awsRequestId });
  try {
    const { scheduledTime, executionId = "" } = readTick(event);
    const config = await currentConfig(Date.now);
    const queueUrl = process.env.EGRESS_SCOUT_QUEUE_URL;
    if (!queueUrl) throw new ScoutError("usage", "EGRESS_SCOUT_QUEUE_URL is not set");
    // The same for every try of the same schedule, whenever that is made.
    const at = new Date(Math.floor((scheduledTime - queryDelay) / 1000) * 1000).toISOString();
    const clusters = config.clusters.map(({ name }) => name);
    const sending = sendAll(
      queueUrl,
      clusters.map((cluster) => JSON.stringify({ cluster, at })),
    );
    const watching = stalest(config, Date.now()).then(publish, (thrown: unknown) =>
      log.error("the state cannot be read: StalestRun is missing", errorFacts(thrown)),
    );
    await Promise.allSettled([sending, watching]);
    await sending;
    log.info("runs are asked for", { clusters: clusters.length, at, execution_id: executionId });
    return { at, clusters };
  } catch (thrown) {
    throw answerable(thrown);
  }
};

/** How long ago the window ended that was looked at last, of the cluster where that is longest; and how many had no run yet. */
async function stalest(config: Config, now: number) {
  const store = await wireStore(stateOf(config), true);
  try {
    const all = await Promise.all(config.clusters.map(({ name }) => store.progress(name)));
    const ends = all.flatMap((one) => one?.end ?? []);
    const without = all.length - ends.length;
    const age = Math.max(0, now - Math.min(...ends)) / 1000;
    return [
      ...(ends.length === 0 ? [] : [{ labels: {}, emf: { name: "StalestRun", unit: "Seconds" as const, value: age } }]),
      { labels: {}, emf: { name: "ClustersWithoutRun", unit: "Count" as const, value: without } },
    ];
  } finally {
    await store.close();
  }
}
