/** What Function URLs have in common: the app is wired once, when the first request comes. */
import { handle } from "hono/aws-lambda";
import { api } from "../lib/api/app.ts";
import { loadSettings } from "../lib/config/index.ts";
import { asScoutError, ConfigError } from "../lib/errors.ts";
import { type ApiCall, wireApi } from "../lib/wire-api.ts";
import { jsonLog } from "./json-log.ts";

type UrlHandler = ReturnType<typeof handle>;

/** A handler of a Function URL (payload format 2.0). What cannot be wired is logged, and answered with 500 until it can. */
export function urlHandler(besides: ApiCall["besides"]): UrlHandler {
  const log = jsonLog();
  let wiring: Promise<UrlHandler> | undefined;
  const wire = async () => {
    const config = loadSettings(process.env.EGRESS_SCOUT_CONFIG ?? null);
    const state = process.env.EGRESS_SCOUT_STATE ?? config.state;
    const { parts } = await wireApi(config, { state, besides }, { env: process.env, now: Date.now, log });
    return handle(api(parts));
  };
  return async (event, context) => {
    try {
      wiring ??= wire();
      const answer = await wiring;
      return await answer(event, context);
    } catch (thrown) {
      wiring = undefined;
      const error = asScoutError(thrown);
      const mistakes = error instanceof ConfigError ? error.mistakes.join("; ") : "";
      log.error("the API cannot be wired", { code: error.code, error: error.message, mistakes, mend: error.mend });
      return notWired();
    }
  };
}

function notWired(): Awaited<ReturnType<UrlHandler>> {
  const body = { type: "about:blank", title: "Internal Server Error", status: 500, detail: "the log says more" };
  const headers = { "content-type": "application/problem+json" };
  return { statusCode: 500, headers, body: JSON.stringify(body), isBase64Encoded: false };
}
