/** ADAPTER: messages into an SQS queue. */
import { setTimeout as wait } from "node:timers/promises";
import { SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import { ScoutError } from "../lib/errors.ts";
import { printable } from "../lib/words/printable.ts";

/** SQS takes no more in one call. */
const most = 10;
/** Waits before those are sent again that SQS did not take out of a call, ms. */
const pauses = [200, 1000];

/** Kept over warm invocations, with its connections. */
let client: SQSClient | undefined;

/**
 * Sends all of them, and those that SQS did not take once more. Bodies of at most 256 KB together per call.
 * @throws ScoutError `queue/unavailable` that says how many were not taken, and why
 */
export async function sendAll(queueUrl: string, bodies: readonly string[]): Promise<void> {
  client ??= new SQSClient({
    maxAttempts: 4,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
  });
  const failed: string[] = [];
  let refused = 0;
  for (let from = 0; from < bodies.length; from += most) {
    const { reasons, count } = await sendSome(client, queueUrl, bodies.slice(from, from + most));
    failed.push(...reasons);
    refused += count;
  }
  if (refused === 0) return;
  throw new ScoutError(
    "queue/unavailable",
    `${refused} of ${bodies.length} messages did not get into the queue: ${[...new Set(failed)].join("; ")}`,
    {
      mend: "check EGRESS_SCOUT_QUEUE_URL, and that the role may sqs:SendMessage to it",
    },
  );
}

async function sendSome(sqs: SQSClient, queueUrl: string, bodies: readonly string[]) {
  let left = bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
  let reasons: string[] = [];
  for (const pause of [...pauses, null]) {
    try {
      const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: left }));
      const ids = new Set(Failed.map(({ Id }) => Id));
      reasons = Failed.map(({ Code = "" }) => printable(Code, 80).slice(1, -1));
      left = left.filter(({ Id }) => ids.has(Id));
    } catch (thrown) {
      // The SDK has tried it again already.
      const name = thrown instanceof Error ? thrown.name : "unknown";
      return { reasons: [printable(name, 80).slice(1, -1)], count: left.length };
    }
    if (left.length === 0 || pause === null) break;
    await wait(pause);
  }
  return { reasons, count: left.length };
}
