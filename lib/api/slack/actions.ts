/** `POST /slack/actions`: a button of a message was pressed. Slack waits 3 s for the answer, and shows nothing of it. */
import type { Context } from "hono";
import { asScoutError } from "../../errors.ts";
import type { ApiParts, SlackParts } from "../parts.ts";
import { problem } from "../problem.ts";
import { act } from "./act.ts";
import { type Press, pressedAt, readPress } from "./press.ts";
import { lines, notAllowed, type Reply } from "./reply.ts";
import { decisionOf } from "./rule.ts";
import { readSigned } from "./signed.ts";
import { soon } from "./soon.ts";

/** What is left of this is for the reply, ms. */
const answerWithin = 2_000;
const leastForReply = 500;

/** Signature first, then the press, then what it asks for; 200 once that is done, or is promised where it takes longer than Slack waits. */
export async function slackActions(c: Context, parts: ApiParts): Promise<Response> {
  const { slack, log } = parts;
  const began = parts.now();
  if (slack === null) return problem(c, { status: 404, detail: "the config has no slack.signingSecret" });
  const request = await readSigned(c, slack.signingSecret, { now: began, log });
  if ("refused" in request) return request.refused;
  const press = readPress(request.body);
  if ("fault" in press) return problem(c, { status: 400, detail: press.fault });
  const tell = (said: Reply) => answer(c, press, said, { slack, log, now: parts.now, by: began + answerWithin });
  try {
    const said = await decided(press, pressedAt(press, request.at), parts, slack);
    return said === null ? c.body("", 200) : await tell(said);
  } catch (thrown) {
    const { code } = asScoutError(thrown);
    await tell(lines([`It may not be kept: ${code}. Press again; the log of egress-scout says more.`]));
    throw thrown;
  }
}

/** What is said of it; null where that comes later. */
async function decided(press: Press, at: number, parts: ApiParts, slack: SlackParts): Promise<Reply | null> {
  const { action, user, by, ids, responseUrl } = press;
  if (decisionOf(action) !== undefined && !slack.allow.includes(user)) {
    parts.log.warn("somebody who may not decide has pressed a button", { by, action });
    return notAllowed(slack.allow);
  }
  const job = { action, by, ids, at };
  const said = await soon((signal) => act(job, { ...parts, channels: slack.channels }, signal));
  parts.log.info("a button was pressed", { by, action, findings: ids.length, late: said === null });
  if (said !== null) return said;
  if (responseUrl === null || !slack.replies.takes(responseUrl))
    return lines(["That takes longer than Slack waits, and nothing is decided: press again in a while."]);
  await slack.later({ kind: "press", press: job, replyTo: responseUrl });
  return null;
}

interface Way {
  slack: SlackParts;
  log: ApiParts["log"];
  now: () => number;
  /** ms */
  by: number;
}

/** By `response_url`, where that is Slack's; else in the answer itself. What was decided is kept in any case. */
async function answer(c: Context, { responseUrl }: Press, said: Reply, way: Way): Promise<Response> {
  if (responseUrl === null) return c.json(said);
  if (!way.slack.replies.takes(responseUrl)) {
    way.log.warn("a response_url is not Slack's, and is not called");
    return c.json(said);
  }
  try {
    const timeout = Math.max(leastForReply, way.by - way.now());
    await way.slack.replies.send(responseUrl, JSON.stringify(said), timeout);
    return c.body("", 200);
  } catch (thrown) {
    const { code, message } = asScoutError(thrown);
    way.log.warn("who pressed a button could not be told", { code, error: message });
    return c.json(said);
  }
}
