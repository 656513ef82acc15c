/** What Function URLs have in common: the app is wired when a request comes, and again once the config was read anew. */
import { handle } from "hono/aws-lambda";
import { api } from "../lib/api/app.ts";
import type { Config } from "../lib/config/index.ts";
import { ScoutError } from "../lib/errors.ts";
import { type ApiCall, wireApi } from "../lib/wire/api.ts";
import type { Log } from "../lib/words/log.ts";
import { currentConfig, stateOf } from "./config.ts";
import { errorFacts, jsonLog } from "./json-log.ts";

type UrlHandler = ReturnType<typeof handle>;

/** A handler of a Function URL (payload format 2.0). What cannot be wired is logged, and answered with 500 until it can. */
export function urlHandler(besides: ApiCall["besides"]): UrlHandler {
  // Of the invocation at work: an instance has one at a time.
  let current = jsonLog();
  const log: Log = {
    error: (...said) => current.error(...said),
    warn: (...said) => current.warn(...said),
    info: (...said) => current.info(...said),
    debug: (...said) => current.debug(...said),
    progress: (...said) => current.progress(...said),
  };
  let wired: { config: Config; answer: UrlHandler; close: () => Promise<boolean> } | undefined;
  const wiring = async (): Promise<UrlHandler> => {
    const config = await currentConfig(Date.now);
    if (wired?.config === config) return wired.answer;
    const { parts, close } = await wireApi(
      config,
      { state: stateOf(config), besides, queue },
      { env: process.env, now: Date.now, log },
    );
    await wired?.close();
    const answer = handle(api(parts));
    wired = { config, answer, close };
    return answer;
  };
  return async (event, context) => {
    current = jsonLog(undefined, { correlation_id: context?.awsRequestId ?? "" });
    try {
      const answer = await wiring();
      return await answer(event, context);
    } catch (thrown) {
      log.error("the API cannot be wired", errorFacts(thrown));
      return notWired();
    }
  };
}

/** `poll` does what no request waits for. */
async function queue(body: string): Promise<void> {
  const url = process.env.EGRESS_SCOUT_QUEUE_URL;
  if (!url) throw new ScoutError("queue/unavailable", "EGRESS_SCOUT_QUEUE_URL is not set");
  const { sendAll } = await import("./queue.ts");
  await sendAll(url, [body]);
}

function notWired(): Awaited<ReturnType<UrlHandler>> {
  const body = { type: "about:blank", title: "Internal Server Error", status: 500, detail: "the log says more" };
  const headers = {
    ...{ "content-type": "application/problem+json", "cache-control": "no-store", "x-content-type-options": "nosniff" },
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  };
  return { statusCode: 500, headers, body: JSON.stringify(body), isBase64Encoded: false };
}
