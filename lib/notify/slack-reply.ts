/** ADAPTER: answers whoever pressed a button, at the address that Slack gave for it (`response_url`). */

import { urlSecrets } from "../words/cut-secrets.ts";
import { type Addressee, type Answer, type Outcome, originOf, reasonOf, refused, yes } from "./answer.ts";
import { post } from "./post.ts";
import { reasonIn } from "./slack-api.ts";

/** Where Slack's own are, and GovSlack's (https://docs.slack.dev/govslack), by the origin of the Web API. */
const govSlack = { api: "https://slack-gov.com", hooks: "https://hooks.slack-gov.com" };
const slackHooks = "https://hooks.slack.com";

/**
 * `takes` says whether an address is Slack's; `send` calls no other, once, and follows no redirect.
 * @param apiUrl where the Web API is: its origin is trusted as well
 */
export function slackReplies(apiUrl: string) {
  const api = originOf(apiUrl);
  const origins = [api === govSlack.api ? govSlack.hooks : slackHooks, api].filter((one) => one !== "");
  const takes = (url: string) => origins.includes(originOf(url));
  return {
    takes,
    /** @param timeout ms @throws ScoutError `channel/refused`, `channel/unavailable` */
    async send(url: string, body: string, timeout: number): Promise<void> {
      const to: Addressee = { channel: "slack's response_url", origin: originOf(url), secrets: urlSecrets(url) };
      if (!takes(url)) throw refused(to, "is not Slack's", "see slack.apiUrl of the config").error;
      await post({ url, headers: { "content-type": "application/json; charset=utf-8" }, body }, to, judge, { timeout });
    },
  };
}

function judge(answer: Answer, to: Addressee): Outcome {
  const { status } = answer;
  if (status >= 200 && status < 300 && reasonIn(answer) === null) return yes;
  return refused(
    to,
    `refused the reply: status ${status}, ${reasonOf(answer, to)}`,
    "the verdict is kept all the same",
  );
}
