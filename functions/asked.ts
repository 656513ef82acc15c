/** What somebody asked for over HTTP or in Slack, and `poll` does: the store knows what became of it, Slack is told. */
import type { Context } from "aws-lambda";
import * as z from "zod";
import type { SlackJob } from "../lib/api/parts.ts";
import { faultOf } from "../lib/api/scans.ts";
import { answerTo, carryOut, tellRun } from "../lib/api/slack/carry-out.ts";
import type { Config } from "../lib/config/index.ts";
import { readVerdicts } from "../lib/config/verdicts.ts";
import type { AskedRun } from "../lib/model.ts";
import type { Store } from "../lib/remember/store.ts";
import type { ScanDocument } from "../lib/report/scan-schema.ts";
import { namesOfReceipts, wirePlans, wireReplies } from "../lib/wire/asked.ts";
import { wireStore } from "../lib/wire/store.ts";
import { findingIdText } from "../lib/words/finding-id.ts";
import type { Log } from "../lib/words/log.ts";
import { currentConfig, stateOf } from "./config.ts";
import { errorFacts } from "./json-log.ts";
import { inTime } from "./limit.ts";
import { checked, notLater, order, type PollOrder } from "./payload.ts";

/** A run that somebody asked for, and where in Slack its end is waited for. */
const askedOrder = order.extend({ cluster: z.string(), id: z.string(), replyTo: z.string().max(3000).optional() });

/** What somebody asked in Slack. */
const replyTo = z.string().max(3000);
const press = z.strictObject({
  ...{ action: z.string(), by: z.string(), at: z.int() },
  ids: z.array(z.string().regex(findingIdText)),
});
const slackJob = z.strictObject({
  slack: z.union(
    [
      z.strictObject({ kind: z.literal("search"), text: z.string(), replyTo }),
      z.strictObject({ kind: z.literal("plan"), namespace: z.string(), cluster: z.string(), replyTo }),
      z.strictObject({ kind: z.literal("press"), press, replyTo }),
    ],
    { error: "a search, a plan or a press of a button" },
  ),
});

interface Ways {
  context: Context;
  log: Log;
}

/** @param value a message's body @throws ScoutError `usage` for one that is none of ours; `store/…` */
export async function doAsked(value: unknown, ways: Ways, run: RunAll): Promise<void> {
  if (typeof value === "object" && value !== null && "slack" in value)
    return await answerSlack(checked(slackJob, value).slack, ways);
  await runAsked(notLater(checked(askedOrder, value), Date.now()), ways, run);
}

type RunAll = (order: PollOrder) => Promise<ScanDocument[]>;

/**
 * Does the run. One that fails has failed, and its message does not come again: who asked is told, and the schedule's runs cover the window.
 * @throws ScoutError `store/…` where what became of it cannot be kept
 */
async function runAsked(
  { id, replyTo, ...asked }: z.infer<typeof askedOrder>,
  { log }: Ways,
  run: RunAll,
): Promise<void> {
  const config = await currentConfig(Date.now);
  const before = await inStore(config, async (store) => {
    const kept = await store.askedRun(id, Date.now());
    const { cluster } = asked;
    const known = kept ?? { id, cluster, by: "unknown", at: Date.now(), document: null, fault: null };
    const begun: AskedRun = { ...known, state: "running", changed: Date.now() };
    // A message may come twice: what is done stays done.
    if (kept?.state === "done") return null;
    await store.keepRun(begun);
    return begun;
  });
  if (before === null) return log.info("the run that was asked for is done already", { id });
  const ended = await run(asked).then(
    ([document]): AskedRun => ({ ...before, state: "done", document: JSON.stringify(document) }),
    (thrown: unknown): AskedRun => {
      log.error("the run that was asked for failed", { id, ...errorFacts(thrown) });
      return { ...before, state: "failed", fault: faultOf(thrown) };
    },
  );
  const final = { ...ended, changed: Date.now() };
  await inStore(config, (store) => store.keepRun(final));
  if (replyTo !== undefined) await tellRun(replyTo, final, { replies: wireReplies(config), log });
}

/** Never rejects for what the job meets: who asked is told. */
async function answerSlack(job: SlackJob, { context, log }: Ways): Promise<void> {
  const config = await currentConfig(Date.now);
  const ways = { replies: wireReplies(config), log };
  await inStore(config, async (store) => {
    const asked = { store: async () => store, dns: [], existing: [] };
    const answer = () =>
      inTime(context, async (limit) => {
        const machine = { env: process.env, now: Date.now, log, limit };
        return await answerTo(job, {
          ...{ store: asked.store, now: Date.now, channels: namesOfReceipts(config) },
          ...{ clusters: config.clusters.map(({ name }) => name), plans: wirePlans(config, asked, machine) },
          reviewed: () => (config.verdicts === undefined ? [] : readVerdicts(config.verdicts)),
        });
      });
    await carryOut(job, answer, ways);
  });
}

async function inStore<T>(config: Config, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await wireStore(stateOf(config), false);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
