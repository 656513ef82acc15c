/** What Function URLs have in common: the app is wired when a request comes, and again once the config was read anew. */
import { handle, type LambdaContext, type LambdaEvent } from "hono/aws-lambda";
import { api } from "../lib/api/app.ts";
import { type Problem, problemBody, problemType, timeIsUp } from "../lib/api/problem.ts";
import type { Config } from "../lib/config/index.ts";
import { asScoutError, ScoutError } from "../lib/errors.ts";
import { type ApiCall, wireApi } from "../lib/wire/api.ts";
import type { Machine } from "../lib/wire.ts";
import type { Log } from "../lib/words/log.ts";
import { currentConfig, stateOf } from "./config.ts";
import { errorFacts, jsonLog } from "./json-log.ts";
import { inTime } from "./limit.ts";

type Answering = ReturnType<typeof handle>;
type Answer = Awaited<ReturnType<Answering>>;
type UrlHandler = (event: LambdaEvent, context: LambdaContext) => Promise<Answer>;
type Limit = NonNullable<Machine["limit"]>;

/**
 * A handler of a Function URL (payload format 2.0). What cannot be wired is logged, and answered with 500 until it can. Who asks for more
 * than the function has time for, or than Lambda carries, is told so: AWS itself would say no more than that there was an error.
 */
export function urlHandler(besides: ApiCall["besides"]): UrlHandler {
  // Of the invocation at work: an instance has one at a time.
  let current: { log: Log; limit?: Limit } = { log: jsonLog() };
  const log: Log = {
    error: (...said) => current.log.error(...said),
    warn: (...said) => current.log.warn(...said),
    info: (...said) => current.log.info(...said),
    debug: (...said) => current.log.debug(...said),
    progress: (...said) => current.log.progress(...said),
  };
  const machine: Machine = {
    ...{ env: process.env, now: Date.now, log },
    get limit() {
      return current.limit;
    },
  };
  let wired: { config: Config; answer: Answering; close: () => Promise<boolean> } | undefined;
  const wiring = async (): Promise<Answering> => {
    const config = await currentConfig(Date.now);
    if (wired?.config === config) return wired.answer;
    const { parts, close } = await wireApi(config, { state: stateOf(config), besides, queue }, machine);
    await wired?.close();
    const answer = handle(api(parts));
    wired = { config, answer, close };
    return answer;
  };
  return async (event, context) => {
    current = { log: jsonLog(undefined, { correlation_id: context.awsRequestId }) };
    try {
      const answer = await inTime(context, async (limit) => {
        current = { ...current, limit };
        return await (await wiring())(event, context);
      });
      return isCarried(answer) ? answer : refusal(tooMuch);
    } catch (thrown) {
      const isLate = asScoutError(thrown).code === "interrupted";
      log.error(isLate ? "there was no time for an answer" : "the API cannot be wired", errorFacts(thrown));
      return refusal(isLate ? timeIsUp : { status: 500, detail: "the log says more" });
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

/** What Lambda carries of an answer as JSON, bytes (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html). */
const most = 6 * 1024 * 1024;
const isCarried = (answer: Answer): boolean => Buffer.byteLength(JSON.stringify(answer)) <= most;
const tooMuch: Problem = {
  status: 500,
  detail:
    "the answer is larger than the 6 MB that a Function URL carries: ask for one namespace or a smaller limit, or let the command make it (egress-scout plan, egress-scout report)",
};

/** What no app answers. */
function refusal(problem: Problem): Answer {
  const headers = {
    ...{ "content-type": problemType, "cache-control": "no-store", "x-content-type-options": "nosniff" },
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  };
  return { statusCode: problem.status, headers, body: problemBody(problem), isBase64Encoded: false };
}
