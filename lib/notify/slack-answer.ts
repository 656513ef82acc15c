/** What an answer of Slack's means. Pure. */
import { ScoutError } from "../errors.ts";
import { printable } from "../printable.ts";
import { cutSecrets } from "./cut-secrets.ts";

export interface SlackAnswer {
  status: number;
  /** The Retry-After header, in seconds as Slack writes it; null without one. */
  retryAfter: string | null;
  body: string;
}

/** Whom errors name, and what they must not. */
export interface SlackAddressee {
  channel: string;
  /** Scheme and host of the webhook: all of it that is no secret. */
  origin: string;
  secrets: readonly string[];
}

/** `error` is null when Slack said yes. `retryIn`: milliseconds after which one more try is worth it, else null. */
export interface SlackVerdict {
  error: ScoutError | null;
  retryIn: number | null;
}

/** A longer wait is the next run's: a run on Lambda pays for its waiting. */
const longestWait = 5_000;
const waitAfterFault = 1_000;
const laterMend = "nothing is lost: the next run sends it again";

/**
 * Slack's yes is status 200 with the body `ok`, and nothing else: a proxy's login page has status 200 too. 429 is
 * `channel/rate-limited`, 5xx `channel/unavailable`, all else `channel/refused` with Slack's reason. Throws nothing.
 */
export function judge(answer: SlackAnswer, to: SlackAddressee): SlackVerdict {
  const { status } = answer;
  if (status === 200 && /^ok\r?\n?$/.test(answer.body)) return { error: null, retryIn: null };
  const who = `channel ${to.channel}: ${to.origin}`;
  if (status === 429) {
    const seconds =
      answer.retryAfter !== null && /^\d{1,6}$/.test(answer.retryAfter) ? Number(answer.retryAfter) : null;
    const when = seconds === null ? "" : `, to be tried again in ${seconds} s`;
    const retryIn = seconds !== null && seconds * 1000 <= longestWait ? seconds * 1000 : null;
    return {
      error: new ScoutError("channel/rate-limited", `${who} has too much to do${when}`, { mend: laterMend }),
      retryIn,
    };
  }
  const reason = printable(cutSecrets(answer.body, to.secrets).trim(), 200);
  if (status >= 500) {
    const error = new ScoutError("channel/unavailable", `${who} failed: status ${status}`, { mend: laterMend });
    return { error, retryIn: waitAfterFault };
  }
  const said = status === 200 ? `did not answer ok, but ${reason}` : `refused the message: status ${status}, ${reason}`;
  return { error: new ScoutError("channel/refused", `${who} ${said}`, { mend: mend(answer) }), retryIn: null };
}

function mend({ status, body }: SlackAnswer): string {
  if (/invalid_blocks|invalid_payload|msg_blocks_too_long|no_text/.test(body)) {
    return "this is a fault of egress-scout: please report it";
  }
  if (status === 403) return "the workspace does not let this webhook post: ask who runs it";
  if (status === 404 || status === 410)
    return "the webhook or its Slack channel is gone: make a new webhook and set it";
  return "check that the URL is a Slack incoming webhook, and what a proxy on the way does";
}

/** No answer came, or only a part of one: `channel/unavailable`. `what` says how, and holds nothing of the request. */
export function noAnswer(what: string, to: SlackAddressee): ScoutError {
  const mend = `${laterMend}; check that this machine reaches ${to.origin}`;
  return new ScoutError("channel/unavailable", `channel ${to.channel}: ${to.origin}: ${what}`, { mend });
}
