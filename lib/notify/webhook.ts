/** ADAPTER: a webhook that takes CloudEvents, signed. */
import { createHmac } from "node:crypto";
import { ScoutError } from "../errors.ts";
import type { Letter } from "../model.ts";
import { urlSecrets } from "../words/cut-secrets.ts";
import { type Addressee, type Answer, judgeStatus, type Outcome, originOf, reasonOf, refused, yes } from "./answer.ts";
import type { Channel } from "./channel.ts";
import { letterTo } from "./deliver.ts";
import { post, type Ways } from "./post.ts";

export interface WebhookSettings extends Ways {
  name: string;
  /** All of it but scheme and host is taken for a secret: many receivers know their callers by the path. */
  url: string;
  /** What bodies are signed with; none where it is missing. */
  secret?: string | undefined;
  headers: Readonly<Record<string, string>>;
  /** A letter as the documents to post, in order. */
  documents: (letter: Letter) => readonly object[];
  /** A clock, ms: a signature holds when it was made. */
  now: () => number;
}

/**
 * A channel that posts each message to a URL as CloudEvents 1.0 (structured JSON), one POST for each document. Any 2xx is a yes, once
 * the whole answer is there. The id is the letter's, so that a receiver knows a message again.
 */
export function webhook(settings: WebhookSettings): Channel {
  const { name, url, secret, headers, documents, now, ...ways } = settings;
  const known = Object.values(headers).flatMap((value) => [value, ...value.split(" ")]);
  const secrets = [...urlSecrets(url), ...(secret === undefined ? [] : [secret]), ...known];
  const to: Addressee = { channel: name, origin: originOf(url), secrets };
  return {
    name,
    async send(message) {
      if (to.origin === "") throw notAUrl(name);
      for (const document of documents(letterTo(name, message))) {
        const body = JSON.stringify(document);
        const signed = secret === undefined ? {} : { "x-egress-scout-signature": signature(secret, now(), body) };
        const all = { "content-type": "application/cloudevents+json; charset=utf-8", ...headers, ...signed };
        await post({ url, headers: all, body }, to, judge, ways);
      }
    },
  };
}

/** `t=UNIX,v1=HEX`: HMAC-SHA256 over `UNIX.BODY` (docs/channels.md). */
function signature(secret: string, now: number, body: string): string {
  const time = Math.floor(now / 1000);
  return `t=${time},v1=${createHmac("sha256", secret).update(`${time}.${body}`).digest("hex")}`;
}

function notAUrl(name: string): ScoutError {
  const said = `channel ${name}: the webhook's url is no http(s) URL`;
  return new ScoutError("channel/refused", said, { mend: "set it to an http:// or https:// URL" });
}

function judge(answer: Answer, to: Addressee): Outcome {
  const { status } = answer;
  if (status >= 200 && status < 300) return yes;
  const common = judgeStatus(answer, to);
  if (common !== null) return common;
  return refused(to, `refused the message: status ${status}, ${reasonOf(answer, to)}`, mendOf(status));
}

function mendOf(status: number): string {
  if (status < 400) return "set the url to where it redirects: no redirect is followed";
  if (status === 401 || status === 403) return "check the channel's secret and headers, and this machine's clock";
  if (status === 413) return "let the receiver take bodies of 1 MB";
  return "check the url, and that the receiver takes application/cloudevents+json";
}
