/** ADAPTER: Slack, through an incoming webhook. */
import { ScoutError } from "../errors.ts";
import { urlSecrets } from "../words/cut-secrets.ts";
import { type Addressee, originOf } from "./answer.ts";
import type { Channel } from "./channel.ts";
import { pacer } from "./pacer.ts";
import { post, type Ways } from "./post.ts";
import { judge } from "./slack-answer.ts";
import { slackPost } from "./slack-blocks.ts";

export interface SlackWebhookSettings extends Ways {
  name: string;
  /** The webhook's URL: who has it can post. It is in no error and no log. */
  url: string;
}

/**
 * A channel that posts each message to a Slack incoming webhook, one a second. `send` tries once, and once more where Slack asks for a pause
 * of 5 s or less or has failed (5xx). Slack has no way to know a message again, so one sent twice is shown twice.
 * `send` throws ScoutError `channel/refused`, `channel/unavailable`, `channel/rate-limited`, or `interrupted`.
 * Throws nothing itself: a URL that is none is refused when a message is sent.
 */
export function slackWebhook({ name, url, ...ways }: SlackWebhookSettings): Channel {
  const to: Addressee = { channel: name, origin: originOf(url), secrets: urlSecrets(url) };
  const headers = { "content-type": "application/json; charset=utf-8" };
  const inTurn = pacer(ways);
  return {
    name,
    ready: inTurn.ready,
    async send(message) {
      if (to.origin === "") throw notAUrl(name);
      await inTurn(() => post({ url, headers, body: JSON.stringify(slackPost(message)) }, to, judge, ways));
    },
  };
}

function notAUrl(name: string): ScoutError {
  const mend = "set it to the URL that Slack gives for an incoming webhook: https://hooks.slack.com/services/...";
  return new ScoutError("channel/refused", `channel ${name}: the webhook is no http(s) URL`, { mend });
}
