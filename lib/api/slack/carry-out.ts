/** Does what somebody asked by `/egress`, and answers at Slack's address for it. No I/O of its own. */
import { asScoutError } from "../../errors.ts";
import type { AskedRun } from "../../model.ts";
import type { ApiParts, SlackJob, SlackParts } from "../parts.ts";
import { planOf } from "../plan-of.ts";
import { planReply, scanReply } from "./outcome.ts";
import { lines, type Reply } from "./reply.ts";
import { search } from "./search.ts";

/** So long Slack may take for an answer that comes later, ms. */
const patience = 10_000;

type Room = Pick<ApiParts, "store" | "reviewed" | "now" | "plans" | "clusters" | "log">;
type Ways = Pick<SlackParts, "replies">;

/** Never rejects: what goes wrong is told, and logged. */
export async function carryOut(job: SlackJob, parts: Room, { replies }: Ways): Promise<void> {
  const said = await answerTo(job, parts).catch((thrown: unknown) => {
    const { code, message } = asScoutError(thrown);
    parts.log.error("what somebody asked in Slack failed", { asked: job.kind, code, error: message });
    return lines([`That did not work: ${code}. The log of egress-scout says more.`]);
  });
  await send(job.replyTo, said, parts.log, { replies });
}

async function answerTo(job: SlackJob, parts: Room): Promise<Reply> {
  if (job.kind === "search") return await search(job.text, parts);
  const { cluster, namespace } = job;
  const planned = await planOf(parts, { cluster, namespace });
  return planned === null
    ? lines([`Another plan of ${cluster} is being made: ask again in a while.`])
    : planReply(namespace, planned);
}

/** Never rejects. */
export async function tellRun(replyTo: string, run: AskedRun, log: ApiParts["log"], ways: Ways): Promise<void> {
  await send(replyTo, scanReply(run), log, ways);
}

/** No other address than Slack's is ever called, whoever wrote it down. */
async function send(replyTo: string, said: Reply, log: ApiParts["log"], { replies }: Ways): Promise<void> {
  if (!replies.takes(replyTo)) return log.warn("a response_url is not Slack's, and is not called");
  try {
    await replies.send(replyTo, JSON.stringify(said), patience);
  } catch (thrown) {
    const { code, message } = asScoutError(thrown);
    log.warn("who asked in Slack could not be told", { code, error: message });
  }
}
