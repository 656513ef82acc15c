/**
 * The same scan as the command's, on AWS: by SQS, a message for each cluster and run (`schedule` sends them), or invoked with
 * `{cluster, since, at, dryRun}`.
 */
import type { Context, Handler, SQSBatchResponse } from "aws-lambda";
import { pickClusters } from "../lib/config/load.ts";
import { asScoutError, ScoutError } from "../lib/errors.ts";
import type { Facts } from "../lib/log.ts";
import type { Store } from "../lib/remember/store.ts";
import { scanDocument } from "../lib/report/document.ts";
import type { ScanDocument } from "../lib/report/scan-schema.ts";
import { wireStore } from "../lib/wire.ts";
import { watchSelf } from "../lib/wire-self.ts";
import { currentConfig, stateOf } from "./config.ts";
import { answerable, errorFacts, jsonLog } from "./json-log.ts";
import { publish } from "./metrics.ts";
import { callOf, type Message, messagesIn, type PollOrder, readMessage, readOrder } from "./payload.ts";
import { runCluster } from "./run.ts";

/** The scan document, of several clusters a list of them; of messages, those that are to come again. */
export const handler: Handler<unknown, ScanDocument | ScanDocument[] | SQSBatchResponse> = async (event, context) => {
  const messages = messagesIn(event);
  if (messages !== null) return await bySqs(messages, context);
  try {
    const keys = { correlation_id: context.awsRequestId };
    const documents = await runAll(readOrder(event), context, { keys, isDone: async () => false });
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
      await runAll(readMessage(body, Date.now()), context, { keys, isDone: isCovered });
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

interface Ways {
  /** On every line of the log. */
  keys: Facts;
  /** Is there nothing left to do for a cluster? */
  isDone: (cluster: string, asked: PollOrder, store: Store) => Promise<boolean>;
}

/**
 * One cluster after another; one that fails does not stop the others.
 * @throws ScoutError: that of the one cluster, or what all of those say that failed
 */
async function runAll(asked: PollOrder, context: Context, { keys, isDone }: Ways): Promise<ScanDocument[]> {
  const config = await currentConfig(Date.now);
  const clusters = pickClusters(config, asked.cluster ?? null);
  const dryRun = asked.dryRun === true;
  const machine = { env: process.env, now: Date.now, log: jsonLog(context, keys) };
  const self = await watchSelf(config, machine, { dryRun, emit: publish });
  const store = await wireStore(stateOf(config), dryRun, {
    endsBy: Date.now() + context.getRemainingTimeInMillis(),
  });
  const documents: ScanDocument[] = [];
  const failed: { name: string; error: ScoutError }[] = [];
  try {
    for (const cluster of clusters) {
      const { name } = cluster;
      const log = jsonLog(context, { ...keys, cluster: name });
      try {
        if (await isDone(name, asked, store)) log.info("the window is covered already: nothing to do");
        else
          documents.push(scanDocument(await runCluster(cluster, callOf(asked), { config, store, context, log, self })));
      } catch (thrown) {
        log.error("the run failed", errorFacts(thrown));
        failed.push({ name, error: asScoutError(thrown) });
      }
    }
  } finally {
    await store.close();
    await self.end();
  }
  const [first] = failed;
  if (first === undefined) return documents;
  if (clusters.length === 1) throw first.error;
  const said = failed.map(({ name, error }) => `${name}: ${answerable(error).message}`).join("; ");
  throw new ScoutError(first.error.code, `${failed.length} of ${clusters.length} clusters failed: ${said}`);
}

/** A message that came twice, or later than a younger one: idempotent by the scheduled time, at the cost of one read. */
async function isCovered(cluster: string, { at, since, dryRun }: PollOrder, store: Store): Promise<boolean> {
  if (at === undefined || since !== undefined || dryRun === true) return false;
  const progress = await store.progress(cluster);
  return progress !== null && progress.learningSince === null && progress.end >= at;
}
