/** Slack, through an incoming webhook. An adapter: the only file here that speaks to Slack. */
import { setTimeout as sleep } from "node:timers/promises";
import { ScoutError } from "../errors.ts";
import type { Message } from "../model.ts";
import type { Channel } from "./channel.ts";
import { urlSecrets } from "./cut-secrets.ts";
import { judge, noAnswer, type SlackAddressee, type SlackAnswer, type SlackVerdict } from "./slack-answer.ts";
import { slackPost } from "./slack-blocks.ts";

export interface SlackWebhookSettings {
  name: string;
  /** The webhook's URL: who has it can post. It is in no error and no log. */
  url: string;
  /** Milliseconds for one try, the answer's last byte included; default 10,000. */
  timeout?: number | undefined;
  /** How to wait before the second try; tests pass their own. */
  wait?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined;
  /** Ends a send at once, with `interrupted`. */
  signal?: AbortSignal | undefined;
}

/** Slack answers in two bytes; what is longer is somebody else's page and only its beginning is of use. */
const mostAnswerBytes = 64 * 1024;

/**
 * A channel that posts each message to a Slack incoming webhook. `send` tries once, and once more where Slack asks for a pause
 * of 5 s or less or has failed (5xx). Slack has no way to know a message again, so one sent twice is shown twice.
 * `send` throws ScoutError `channel/refused`, `channel/unavailable`, `channel/rate-limited`, or `interrupted`; none has a cause,
 * since the causes of fetch may hold the URL. Throws nothing itself: a URL that is none is refused when a message is sent.
 */
export function slackWebhook(settings: SlackWebhookSettings): Channel {
  const { name, url, signal, timeout = 10_000, wait = pause } = settings;
  const to: SlackAddressee = { channel: name, origin: originOf(url), secrets: urlSecrets(url) };
  return {
    name,
    async send(message: Message): Promise<void> {
      if (to.origin === "") throw notAUrl(name);
      const body = JSON.stringify(slackPost(message));
      let verdict = await attempt(url, body, to, timeout, signal);
      if (verdict.retryIn !== null) {
        await wait(verdict.retryIn, signal).catch(() => {});
        verdict = await attempt(url, body, to, timeout, signal);
      }
      if (verdict.error !== null) throw verdict.error;
    },
  };
}

async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, signal === undefined ? {} : { signal });
}

function originOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  // fetch takes no URL with a user in it, and would say so with the whole URL.
  if (parsed === null || !["https:", "http:"].includes(parsed.protocol) || parsed.username + parsed.password !== "")
    return "";
  return parsed.origin;
}

function notAUrl(name: string): ScoutError {
  const mend = "set it to the URL that Slack gives for an incoming webhook: https://hooks.slack.com/services/...";
  return new ScoutError("channel/refused", `channel ${name}: the webhook is no http(s) URL`, { mend });
}

async function attempt(
  url: string,
  body: string,
  to: SlackAddressee,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<SlackVerdict> {
  const deadline = AbortSignal.timeout(timeout);
  try {
    return judge(await post(url, body, signal === undefined ? deadline : AbortSignal.any([deadline, signal])), to);
  } catch (thrown) {
    if (signal?.aborted) throw new ScoutError("interrupted", `channel ${to.channel}: interrupted while sending`);
    const what = deadline.aborted ? `no whole answer within ${timeout / 1000} s` : brokenBy(thrown);
    return { error: noAnswer(what, to), retryIn: null };
  }
}

async function post(url: string, body: string, signal: AbortSignal): Promise<SlackAnswer> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json; charset=utf-8" },
    body,
    signal,
    // Slack's webhooks do not redirect; following one would hand the message to somebody else.
    redirect: "manual",
  });
  const text = await beginning(response).catch((thrown: unknown) => {
    // A yes or no that breaks off is neither; of a failure the status alone says enough.
    if (response.status === 200) throw thrown;
    return "";
  });
  return { status: response.status, retryAfter: response.headers.get("retry-after"), body: text };
}

/** The answer's first 64 KB as text. */
async function beginning(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= mostAnswerBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, mostAnswerBytes).toString("utf8");
}

/** The system's code for a broken connection (ECONNREFUSED, ENOTFOUND, UND_ERR_SOCKET, …), and never the error's own words. */
function brokenBy(thrown: unknown): string {
  for (let error = thrown, depth = 0; error instanceof Error && depth < 5; error = error.cause, depth += 1) {
    if ("code" in error && typeof error.code === "string" && /^[A-Z0-9_]{2,40}$/.test(error.code)) {
      return `the connection failed (${error.code})`;
    }
  }
  return "the connection failed";
}
