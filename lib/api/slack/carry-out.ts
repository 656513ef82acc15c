/** Does what somebody asked in Slack and did not get at once, and answers at Slack's address for it. No I/O of its own. */
import { asScoutError } from "../../errors.ts";
import type { AskedRun } from "../../model.ts";
import type { ApiParts, PressRoom, SlackJob, SlackParts } from "../parts.ts";
import { planOf } from "../plan-of.ts";
import { act } from "./act.ts";
import { planReply, scanReply } from "./outcome.ts";
import { lines, type Reply } from "./reply.ts";
import { search } from "./search.ts";

/** So long Slack may take for an answer that comes later, ms. */
const patience = 10_000;

type Room = Pick<ApiParts, "plans" | "clusters"> & PressRoom;
type Ways = Pick<SlackParts, "replies"> & Pick<ApiParts, "log">;

/**
 * Never rejects: what goes wrong is told, and logged.
 * @param answering `answerTo`, in what time there is
 */
export async function carryOut(job: SlackJob, answering: () => Promise<Reply>, { replies, log }: Ways): Promise<void> {
  const said = await answering().catch((thrown: unknown) => {
    const { code, message } = asScoutError(thrown);
    log.error("what somebody asked in Slack failed", { asked: job.kind, code, error: message });
    return lines([
      code === "interrupted" ? tooLong(job) : `That did not work: ${code}. The log of egress-scout says more.`,
    ]);
  });
  await send(job.replyTo, said, { replies, log });
}

/** @throws ScoutError of what is asked for */
export async function answerTo(job: SlackJob, parts: Room): Promise<Reply> {
  if (job.kind === "search") return await search(job.text, parts);
  if (job.kind === "press") return await act(job.press, parts);
  const { cluster, namespace } = job;
  const planned = await planOf(parts, { cluster, namespace });
  return planned === null
    ? lines([`Another plan of ${cluster} is being made: ask again in a while.`])
    : planReply(namespace, planned);
}

/** The process ends at a time of its own, and this was not done by then. */
function tooLong(job: SlackJob): string {
  const more = "or give the function more time (pollTimeout)";
  if (job.kind === "plan")
    return `The plan of ${job.namespace} in ${job.cluster} takes longer than there is time for: 'egress-scout plan --cluster ${job.cluster}' has no limit, ${more}.`;
  return `That takes longer than there is time for: ask again, ${more}.`;
}

/** Never rejects. */
export async function tellRun(replyTo: string, run: AskedRun, ways: Ways): Promise<void> {
  await send(replyTo, scanReply(run), ways);
}

/** No other address than Slack's is ever called, whoever wrote it down. Never rejects. */
export async function send(replyTo: string, said: Reply, { replies, log }: Ways): Promise<void> {
  if (!replies.takes(replyTo)) return log.warn("a response_url is not Slack's, and is not called");
  try {
    await replies.send(replyTo, JSON.stringify(said), patience);
  } catch (thrown) {
    const { code, message } = asScoutError(thrown);
    log.warn("who asked in Slack could not be told", { code, error: message });
  }
}
