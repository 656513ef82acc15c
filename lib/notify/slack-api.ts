/** What an answer of Slack's Web API means. Pure. Its errors are those of https://docs.slack.dev/reference/methods. */
import * as z from "zod";
import { printable } from "../words/printable.ts";
import {
  type Addressee,
  type Answer,
  failed,
  judgeStatus,
  type Outcome,
  reasonOf,
  refused,
  tooMuch,
  yes,
} from "./answer.ts";

const said = z.object({ ok: z.boolean(), error: z.string().optional(), needed: z.string().optional() });

const busy = /^(ratelimited|rate_limited|message_limit_exceeded)$/;
const passing = /^(internal_error|fatal_error|service_unavailable|request_timeout|team_added_to_org)$/;

/** What to do about it, by the reason Slack gives. */
const mends: readonly [reason: RegExp, mend: string][] = [
  [
    /^(invalid_auth|not_authed|account_inactive|token_revoked|token_expired|no_permission|access_denied|not_allowed_token_type|org_login_required|enterprise_is_restricted)$/,
    "set the token to a bot token (xoxb-...) that holds: Slack's app settings, OAuth & Permissions",
  ],
  [/^(missing_scope|no_scope)$/, "give the app the scopes chat:write and files:write, and install it again"],
  [/^channel_not_found$/, "check the channel's name or id; the app must be in it: /invite it there"],
  [/^not_in_channel$/, "invite the app into the channel: /invite it there"],
  [/^is_archived$/, "the Slack channel is archived: restore it, or name another"],
  [
    /^(restricted_action.*|ekm_access_denied|team_access_not_granted|posting_to_.*)$/,
    "ask who runs the workspace: it does not let the app post there",
  ],
  [
    /^(msg_too_long|msg_blocks_too_long|invalid_blocks.*|no_text|invalid_arguments|invalid_arg_name|invalid_json|json_not_object|too_many_attachments)$/,
    "this is a fault of egress-scout: please report it",
  ],
];
const otherMend = "see https://docs.slack.dev/reference/methods for what it means";

/** The reason of an answer that is a no, as Slack gives it: 200 with `ok` false. Null for all else. */
export function reasonIn({ status, body }: Answer): string | null {
  const read = said.safeParse(json(body));
  return status === 200 && read.success && !read.data.ok ? (read.data.error ?? "no reason given") : null;
}

/**
 * Slack's yes is status 200 with `ok` true. A no has status 200, too, and a reason; one of `bearable` is a yes here: the caller asks
 * `reasonIn`. Throws nothing.
 */
export function judgeApi(method: string, bearable: readonly string[] = []): (answer: Answer, to: Addressee) => Outcome {
  return (answer, to) => {
    const common = judgeStatus(answer, to);
    if (common !== null) return common;
    const read = said.safeParse(json(answer.body));
    if (answer.status !== 200 || !read.success) {
      const what = `did not answer ${method} as Slack does: status ${answer.status}, ${reasonOf(answer, to)}`;
      return refused(to, what, "check slack.apiUrl, and what a proxy on the way does");
    }
    const reason = reasonIn(answer);
    if (reason === null || bearable.includes(reason)) return yes;
    if (busy.test(reason)) return tooMuch(answer, to);
    const word = /^[a-z_]{1,60}$/.test(reason) ? reason : reasonOf({ body: reason }, to);
    if (passing.test(reason)) return failed(to, `${method}: ${word}`);
    const mend = mends.find(([like]) => like.test(reason))?.[1] ?? otherMend;
    const needed = read.data.needed === undefined ? "" : ` (needed: ${printable(read.data.needed, 60)})`;
    return refused(to, `refused ${method}: ${word}${needed}`, mend);
  };
}

/** JSON as a value; undefined for what is none. */
export function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
