/** What an answer of a Slack incoming webhook means. Pure. */
import { type Addressee, type Answer, judgeStatus, type Outcome, reasonOf, refused, yes } from "./answer.ts";

/**
 * Slack's yes is status 200 with the body `ok`, and nothing else: a proxy's login page has status 200 too. 429 is
 * `channel/rate-limited`, 5xx `channel/unavailable`, all else `channel/refused` with Slack's reason. Throws nothing.
 */
export function judge(answer: Answer, to: Addressee): Outcome {
  const { status } = answer;
  if (status === 200 && /^ok\r?\n?$/.test(answer.body)) return yes;
  const common = judgeStatus(answer, to);
  if (common !== null) return common;
  const reason = reasonOf(answer, to);
  const said = status === 200 ? `did not answer ok, but ${reason}` : `refused the message: status ${status}, ${reason}`;
  return refused(to, said, mend(answer));
}

function mend({ status, body }: Answer): string {
  if (/invalid_blocks|invalid_payload|msg_blocks_too_long|no_text/.test(body)) {
    return "this is a fault of egress-scout: please report it";
  }
  if (status === 403) return "the workspace does not let this webhook post: ask who runs it";
  if (status === 404 || status === 410)
    return "the webhook or its Slack channel is gone: make a new webhook and set it";
  return "check that the URL is a Slack incoming webhook, and what a proxy on the way does";
}
