/** ADAPTER: Grafana Loki by its query API. */
import { setTimeout as wait } from "node:timers/promises";
import { isRetryable, redactUrl, ScoutError } from "../../errors.ts";
import type { LogLine, Window } from "../../model.ts";
import { cutSecrets, headerSecrets } from "../../words/cut-secrets.ts";
import type { Gateway } from "../../words/gateway.ts";
import { type AccessLogs, longestRead, outOfTime } from "./access-logs.ts";
import { Busy, refused, statusError, unreachable } from "./loki-error.ts";
import { answerShape, type Position, readPage } from "./loki-pages.ts";

export interface LokiSettings {
  url: string;
  /** LogQL, each a log query. */
  queries: readonly string[];
  /** Milliseconds for one page. */
  timeout: number;
  /** Sent with every question: tenants, bearer tokens. */
  headers: Readonly<Record<string, string>>;
  basic: { username: string; password: string } | null;
  /** So many lines of one run. */
  most: number;
  /** Waits before another try, ms; one for each. */
  pauses?: readonly number[];
  /** Milliseconds for all pages; default `longestRead`. */
  budget?: number;
}

/** Kubernetes makes a pod's name of its workload's, a dash and more. Names that are none would have to be escaped, and fit no pod. */
function podsOf(gateway: Gateway | null): string {
  const names = (gateway?.names ?? []).filter((name) => /^[\w.-]+$/.test(name));
  return [".*egress-?gateway.*", ...names.map((name) => `${name.replaceAll(".", "[.]")}(-.*)?`)].join("|");
}

/**
 * Istio's proxies and ztunnel have one container name. Of the egress gateways every line, of all others those that can be about the
 * outside: Loki looks for that itself. A collector's JSON has a backslash before the quotes of the line in it.
 */
export function usualQueries(gateway: Gateway | null): string[] {
  const gateways = podsOf(gateway);
  return [
    String.raw`{container="istio-proxy", pod!~"${gateways}"} |~ "PassthroughCluster|BlackHoleCluster|allow_any|block_all|AllowAnyDynamicDNSCluster|[\" ]UH[\\\\\" ]|direction=?[\\\\\":= ]+outbound"`,
    `{container="istio-proxy", pod=~"${gateways}"}`,
  ];
}

/** Loki gives at most so many entries unless it is set up otherwise (`max_entries_limit_per_query`); less where it was given less. */
const limits = [5000, 1000, 100];
const usualPauses = [500, 2000, 5000];
/** No server may make a run wait for longer, ms. */
const longestPause = 30_000;
const mostBytes = 256 * 1024 * 1024;

/** A client for one Loki. Pages forward through each query in turn. */
export function loki(settings: LokiSettings): AccessLogs {
  const name = `Loki at ${redactUrl(settings.url)}`;
  return {
    name,
    late: true,
    most: settings.most,
    async *read(window) {
      const { budget = longestRead } = settings;
      const deadline = AbortSignal.timeout(budget);
      try {
        for (const query of settings.queries) yield* pages({ ...settings, deadline }, name, query, window);
      } catch (thrown) {
        throw deadline.aborted ? outOfTime(name, budget) : thrown;
      }
    },
  };
}

const million = 1_000_000n;

type Reading = LokiSettings & { deadline: AbortSignal };

/** Loki takes [start, end), a window is (from, to]. */
async function* pages(settings: Reading, name: string, query: string, { from, to }: Window): AsyncGenerator<LogLine[]> {
  const end = BigInt(Math.floor(to)) * million + million;
  let position: Position = { next: BigInt(Math.floor(from)) * million + million, seen: new Set() };
  let size = 0;
  while (position.next < end) {
    settings.deadline.throwIfAborted();
    const limit = limits[size] ?? 100;
    const answer = await ask(settings, name, { query, start: position.next, end, limit });
    if (answer === "limit") {
      size += 1;
      if (size >= limits.length) throw refused(name, "it gives fewer than 100 lines at a time");
      continue;
    }
    const page = readPage(answer, position);
    if (page.stale > 0)
      throw new ScoutError("logs/bad-answer", `${name} answered lines of a time it was not asked for`);
    if (page.lines.length > 0) yield page.lines;
    // A server that gives fewer than it was asked for is not done for that: only a page without news is the end.
    if (page.entries === 0 || (page.lines.length === 0 && page.entries < limit)) return;
    const isStuck = page.lines.length === 0 || (page.position.next === position.next && page.entries >= limit);
    if (isStuck) {
      // More lines of one nanosecond than a page holds: there is no asking for the others.
      position = { next: page.position.next + 1n, seen: new Set() };
      continue;
    }
    position = page.position;
  }
}

interface Question {
  query: string;
  start: bigint;
  end: bigint;
  limit: number;
}

async function ask(settings: Reading, name: string, question: Question) {
  const pauses = settings.pauses ?? usualPauses;
  for (const pause of pauses) {
    try {
      return await askOnce(settings, name, question);
    } catch (thrown) {
      if (!isRetryable(thrown) || settings.deadline.aborted) throw thrown;
      await wait(thrown instanceof Busy ? Math.max(pause, Math.min(thrown.after, longestPause)) : pause);
    }
  }
  return await askOnce(settings, name, question);
}

async function askOnce(settings: Reading, name: string, { query, start, end, limit }: Question) {
  const url = new URL(`${settings.url.replace(/\/+$/, "")}/loki/api/v1/query_range`);
  const asked = { query, start: String(start), end: String(end), limit: String(limit), direction: "forward" };
  for (const [key, value] of Object.entries(asked)) url.searchParams.set(key, value);
  const headers: Record<string, string> = { accept: "application/json", ...settings.headers };
  if (settings.basic !== null) {
    const { username, password } = settings.basic;
    headers.authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  }
  try {
    const signal = AbortSignal.any([AbortSignal.timeout(settings.timeout), settings.deadline]);
    const response = await fetch(url, { headers, redirect: "manual", signal });
    const text = await boundedText(response, name);
    if (response.status === 400 && /max entries limit/i.test(text)) return "limit" as const;
    if (!response.ok) throw statusError(name, response, cutSecrets(text, headerSecrets(headers)));
    return readAnswer(text, name);
  } catch (thrown) {
    throw thrown instanceof ScoutError ? thrown : unreachable(name, settings.timeout, thrown);
  }
}

async function boundedText(response: Response, name: string): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.byteLength;
    if (bytes > mostBytes) throw new ScoutError("logs/bad-answer", `${name} answered more than 256 MiB`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function readAnswer(text: string, name: string) {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const mend = "check that logs.loki.url is Loki itself, and not a login page";
    throw new ScoutError("logs/bad-answer", `${name} answered something that is not JSON`, { mend });
  }
  const parsed = answerShape.safeParse(value);
  if (parsed.success) return parsed.data;
  const mend = "check that logs.loki.query asks for lines: a stream selector, not a metric query";
  throw new ScoutError("logs/bad-answer", `${name} answered something that is no list of lines`, { mend });
}
