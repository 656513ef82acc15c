/**
 * The same scan as the command's, on AWS: by SQS, a message for each cluster and run (`schedule` sends them), or invoked with
 * `{cluster, since, at, dryRun}`.
 */
import type { Context, Handler, SQSBatchResponse } from "aws-lambda";
import { pickClusters } from "../lib/config/load.ts";
import { asScoutError, ScoutError } from "../lib/errors.ts";
import type { Store } from "../lib/remember/store.ts";
import { scanDocument } from "../lib/report/document.ts";
import type { ScanDocument } from "../lib/report/scan-schema.ts";
import { watchSelf } from "../lib/wire/self.ts";
import { wireStore } from "../lib/wire.ts";
import type { Facts } from "../lib/words/log.ts";
import { currentConfig, stateOf } from "./config.ts";
import { answerable, errorFacts, jsonLog } from "./json-log.ts";
import { publish } from "./metrics.ts";
import { callOf, type Message, messagesIn, type PollOrder, readJson, readOrder } from "./payload.ts";
import { runCluster } from "./run.ts";

/** The scan document, of several clusters a list of them; of messages, those that are to come again. */
export const handler: Handler<unknown, ScanDocument | ScanDocument[] | SQSBatchResponse> = async (event, context) => {
  const messages = messagesIn(event);
  if (messages !== null) return await bySqs(messages, context);
  try {
    const keys = { correlation_id: context.awsRequestId };
    const documents = await runAll(readOrder(event, Date.now()), context, { keys, isByClock: false });
    const [first] = documents;
    return documents.length === 1 && first !== undefined ? first : documents;
  } catch (thrown) {
    throw answerable(thrown);
  }
};

/** One after another, so that a message that comes twice finds its work done. What fails comes again, and at last to the dead letters. */
async function bySqs(messages: Message[], context: Context): Promise<SQSBatchResponse> {
  const work = async ({ messageId, body }: Message) => {
    const keys = { correlation_id: messageId };
    try {
      const value = readJson(body);
      if (isAsked(value)) {
        const { doAsked } = await import("./asked.ts");
        const ways = { context, log: jsonLog(context, keys) };
        return await doAsked(value, ways, (one) => runAll(one, context, { keys, isByClock: false }));
      }
      const asked = readOrder(value, Date.now());
      await runAll(asked, context, { keys, isByClock: isByClock(asked) });
    } catch (thrown) {
      jsonLog(context, keys).error("the message comes again: it is not done", errorFacts(thrown));
      throw thrown;
    }
  };
  const { BatchProcessor, EventType, processPartialResponse } = await import("@aws-lambda-powertools/batch");
  const processor = new BatchProcessor(EventType.SQS);
  const ways = { context, throwOnFullBatchFailure: false, processInParallel: false };
  return await processPartialResponse({ Records: messages }, work, processor, ways);
}

/** Of the HTTP API or Slack, and not of `schedule`. */
const isAsked = (value: unknown) => typeof value === "object" && value !== null && ("id" in value || "slack" in value);

interface Ways {
  /** On every line of the log. */
  keys: Facts;
  /** Does another such call follow, whose run covers what this one does not? */
  isByClock: boolean;
}

/** A run that is at work may be done soon: so long a call by the clock waits for it, ms. To wait is paid for, and keeps other clusters waiting. */
const patience = 5_000;

/**
 * One cluster after another; one that fails does not stop the others.
 * @throws ScoutError: that of the one cluster, or what all of those say that failed
 */
async function runAll(asked: PollOrder, context: Context, { keys, isByClock }: Ways): Promise<ScanDocument[]> {
  const config = await currentConfig(Date.now);
  const clusters = pickClusters(config, asked.cluster ?? null);
  const dryRun = asked.dryRun === true;
  const machine = { env: process.env, now: Date.now, log: jsonLog(context, keys) };
  const passes = ({ code }: ScoutError) => isByClock && code === "store/busy";
  const self = await watchSelf(config, machine, { dryRun, passes, emit: publish });
  const documents: ScanDocument[] = [];
  const failed: { name: string; error: ScoutError }[] = [];
  let store: Store | undefined;
  try {
    const endsBy = Date.now() + context.getRemainingTimeInMillis();
    const names = clusters.map(({ name }) => name);
    const opened = await self.needing(names, () => wireStore(stateOf(config), dryRun, { endsBy }));
    store = opened;
    for (const cluster of clusters) {
      const { name } = cluster;
      const log = jsonLog(context, { ...keys, cluster: name });
      try {
        if (isByClock && (await self.needing([name], () => isCovered(name, asked, opened)))) {
          log.info("the window is covered already: nothing to do");
          continue;
        }
        const room = { config, store: opened, context, log, self, patience: isByClock ? patience : null };
        documents.push(scanDocument(await runCluster(cluster, callOf(asked), room)));
      } catch (thrown) {
        const error = asScoutError(thrown);
        if (passes(error)) {
          log.info("another run of the cluster is at work: the next message covers this window");
          continue;
        }
        log.error("the run failed", errorFacts(thrown));
        failed.push({ name, error });
      }
    }
  } finally {
    await store?.close();
    await self.end();
  }
  const [first] = failed;
  if (first === undefined) return documents;
  if (clusters.length === 1) throw first.error;
  const said = failed.map(({ name, error }) => `${name}: ${answerable(error).message}`).join("; ");
  throw new ScoutError(first.error.code, `${failed.length} of ${clusters.length} clusters failed: ${said}`);
}

/** As `schedule` sends them: with an end, and no more. */
const isByClock = ({ at, since, dryRun }: PollOrder) => at !== undefined && since === undefined && dryRun !== true;

/** A message that came twice, or later than a younger one: idempotent by the scheduled time, at the cost of one read. */
async function isCovered(cluster: string, { at = 0 }: PollOrder, store: Store): Promise<boolean> {
  const progress = await store.progress(cluster);
  return progress !== null && progress.learningSince === null && progress.end >= at;
}
