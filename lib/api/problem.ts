/** Every no of the API: `application/problem+json` (RFC 9457). Pure. */
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { asScoutError, type ErrorCode, type ScoutError } from "../errors.ts";
import type { Log } from "../words/log.ts";
import { printable } from "../words/printable.ts";

const titles = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
} as const;

type Status = keyof typeof titles;

export interface Problem {
  status: Status;
  /** What is wrong with this request, and what to do. Holds no secret. */
  detail: string;
  /** That of the error, where there is one. */
  code?: ErrorCode;
  /** All that is wrong with the body, each with its path. */
  errors?: readonly string[];
  headers?: Readonly<Record<string, string>>;
}

export const problemType = "application/problem+json";

/** The status says it all (`about:blank`); `code` and `errors` say more to programs. */
export const problem = (c: Context, { headers = {}, ...said }: Problem): Response =>
  c.body(problemBody(said), said.status, { "content-type": problemType, ...headers });

export const problemBody = ({ status, headers: _, ...more }: Problem): string =>
  JSON.stringify({ type: "about:blank", title: titles[status], status, ...more });

/** Where the process ends before the answer is made. */
export const timeIsUp: Problem = {
  ...{ status: 504, code: "interrupted" },
  detail:
    "there was no time left for an answer: ask for less, such as a plan with since=7d, or let the command make it (egress-scout plan); on AWS, httpTimeout gives more time",
};

const statuses: Partial<Record<ErrorCode, Status>> = {
  usage: 400,
  "store/busy": 503,
  "store/unavailable": 503,
  "queue/unavailable": 503,
  "prometheus/unavailable": 502,
  "prometheus/unauthorized": 502,
  "prometheus/not-found": 502,
  "prometheus/bad-query": 502,
  "prometheus/bad-answer": 502,
  "prometheus/too-expensive": 502,
  "prometheus/rate-limited": 503,
  "prometheus/timeout": 504,
};

/** All that is wrong with a request. @param where it is: `the body`, `the query` */
export function mistaken(c: Context, where: string, errors: readonly string[]): Response {
  const detail = `${errors.length} mistake${errors.length === 1 ? "" : "s"} in ${where}`;
  return problem(c, { status: 400, detail, errors });
}

/** @param seconds to wait */
export const tooOften = (c: Context, seconds: number): Response => {
  const headers = { "retry-after": String(seconds) };
  return problem(c, { status: 429, detail: `too many requests: come again in ${seconds} s`, headers });
};

/** An error on the way. What is no fault of the client's is logged, and told by its code alone: its words may tell of this machine. */
export function failure(c: Context, thrown: Error, log: Log): Response {
  if (thrown instanceof HTTPException && thrown.status === 413) return tooLarge(c);
  if (thrown instanceof HTTPException && thrown.status < 500) {
    return problem(c, { status: 400, detail: "the request is not understood" });
  }
  // Of a body that is broken off before its end: who sent it hears nothing any more, and must not fill the log.
  if ("code" in thrown && thrown.code === "ECONNRESET")
    return problem(c, { status: 400, detail: "the body has no end" });
  const error: ScoutError = asScoutError(thrown);
  const status = statuses[error.code] ?? 500;
  if (status === 400) {
    const detail = error.mend === "" ? error.message : `${error.message}; ${error.mend}`;
    return problem(c, { status, detail, code: error.code });
  }
  log.error("a request failed", { path: printable(c.req.path), code: error.code, error: error.message });
  if (error.code === "interrupted") return problem(c, timeIsUp);
  const headers = status === 503 ? { headers: { "retry-after": "30" } } : {};
  return problem(c, { status, detail: `${error.code}: the log says more`, code: error.code, ...headers });
}

/** A body may have so many bytes: a message of Slack's with all its blocks is under 200,000. */
export const mostBytes = 1_000_000;

export const tooLarge = (c: Context): Response =>
  problem(c, { status: 413, detail: `a body has ${mostBytes} bytes at most` });
