/** ADAPTER: requests to the HTTP API of a host of repositories. */
import { setTimeout as sleep } from "node:timers/promises";
import { ScoutError } from "../errors.ts";
import { judge, type Reply, type Side } from "./reply.ts";

export interface HttpSettings extends Side {
  /** Without a slash at its end. */
  apiUrl: string;
  headers: Readonly<Record<string, string>>;
  /** Milliseconds for one try, the answer's last byte included. */
  timeout: number;
  /** How to wait; tests pass their own. */
  wait?: (ms: number) => Promise<unknown>;
}

export interface Ask {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below the API's URL, its parts percent-encoded. */
  path: string;
  body?: object;
  /** Statuses that are an answer as well. */
  bearable?: readonly number[];
}

export type Http = (ask: Ask) => Promise<Reply>;

/** A page of pull requests, each with a body of its own, may have some megabytes. */
const mostAnswerBytes = 32 * 1024 * 1024;
const mostRedirects = 3;
/** A secondary limit of GitHub's passes in a minute; more is for the next plan. */
const longestWait = 61_000;
const waitAfterFault = 1_000;
/** So many writes at once are no flood; GitHub wants a second between those of many. */
const writesAtOnce = 20;

/**
 * One after the other, as GitHub asks for. A read that meets a fault is tried once more, a write is not: it may have gone through, and the next
 * plan finds out. Whoever is asked to wait for no longer than a minute waits, once. Redirects (a repository was renamed) are followed on
 * the same host alone: the token goes nowhere else.
 * @throws ScoutError `repository/…`; none has a cause, since those of fetch may hold what was sent
 */
export function http(settings: HttpSettings): Http {
  const wait = settings.wait ?? sleep;
  let writes = 0;
  return async (ask) => {
    const isRead = ask.method === "GET";
    if (!isRead) {
      writes += 1;
      if (writes > writesAtOnce) await wait(1_000);
    }
    const { reply, fault } = await attempt(settings, ask);
    if (fault === null) return reply;
    const asked = fault.code === "repository/rate-limited" ? fault.retryAfter : null;
    const mayPass = fault.code === "repository/unavailable" && isRead;
    if (asked !== null ? asked > longestWait : !mayPass) throw fault;
    await wait(asked ?? waitAfterFault);
    const again = await attempt(settings, ask);
    if (again.fault !== null) throw again.fault;
    return again.reply;
  };
}

type Attempt = { reply: Reply; fault: null } | { reply: null; fault: ScoutError };

async function attempt(settings: HttpSettings, { method, path, body, bearable = [] }: Ask): Promise<Attempt> {
  const signal = AbortSignal.timeout(settings.timeout);
  const headers = body === undefined ? {} : { "content-type": "application/json" };
  const content = body === undefined ? {} : { body: JSON.stringify(body) };
  let url = `${settings.apiUrl}${path}`;
  try {
    for (let redirects = 0; ; redirects += 1) {
      const all = { ...settings.headers, ...headers };
      const response = await fetch(url, { method, headers: all, ...content, signal, redirect: "manual" });
      const text = await textOf(response);
      if (text === null) return { reply: null, fault: away(settings, "its answer has no end") };
      const reply = { status: response.status, headers: response.headers, text };
      const next = redirectOf(reply, url);
      if (next === null) {
        const fault = bearable.includes(reply.status) ? null : judge(reply, { method, path }, settings);
        return fault === null ? { reply, fault } : { reply: null, fault };
      }
      if (next.origin !== new URL(url).origin || redirects >= mostRedirects) {
        return { reply: null, fault: elsewhere(settings) };
      }
      url = next.href;
    }
  } catch (thrown) {
    const what = signal.aborted ? `no whole answer within ${settings.timeout / 1000} s` : brokenBy(thrown);
    return { reply: null, fault: away(settings, what) };
  }
}

function redirectOf({ status, headers }: Pick<Reply, "status" | "headers">, from: string): URL | null {
  const to = [301, 302, 307, 308].includes(status) ? headers.get("location") : null;
  return to !== null && URL.canParse(to, from) ? new URL(to, from) : null;
}

/** Null for what is too long to be an answer. */
async function textOf(response: Response): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > mostAnswerBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

const away = ({ name }: Side, what: string): ScoutError =>
  new ScoutError("repository/unavailable", `${name}: ${what}`, {
    mend: "what was done stays, and the next plan goes on from there; check apiUrl, and that this machine reaches it",
  });

const elsewhere = ({ name }: Side): ScoutError =>
  new ScoutError("repository/refused", `${name}: it sends to another place, where the token is not sent to`, {
    mend: "set apiUrl to where the API is now",
  });

/** The system's code for a broken connection, and never the error's own words. */
function brokenBy(thrown: unknown): string {
  for (let error = thrown, depth = 0; error instanceof Error && depth < 5; error = error.cause, depth += 1) {
    if ("code" in error && typeof error.code === "string" && /^[A-Z0-9_]{2,40}$/.test(error.code)) {
      return `the connection failed (${error.code})`;
    }
  }
  return "the connection failed";
}
