/** ADAPTER: Prometheus and whatever speaks its query API (Thanos, Mimir, VictoriaMetrics, Amazon Managed Prometheus). */
import { setTimeout as wait } from "node:timers/promises";
import { PrometheusDriver, type QueryResult } from "prometheus-query";
import * as z from "zod";
import { isRetryable, redactUrl, ScoutError } from "../errors.ts";
import type { Samples, Series } from "../model.ts";
import { printable } from "../words/printable.ts";
import { interrupted } from "./http-error.ts";
import { isMatrix, isVector, readRow } from "./rows.ts";
import { kindOf, retentionOf, type Self, type ServerFacts } from "./server.ts";
import { type Signing, type Sigv4Settings, sigv4 } from "./sigv4.ts";
import type { Telemetry } from "./telemetry.ts";

export interface PrometheusSettings {
  url: string;
  /** Milliseconds for one query. */
  timeout: number;
  /** Sent with every query: tenants, bearer tokens. */
  headers: Readonly<Record<string, string>>;
  basic: { username: string; password: string } | null;
  /** Amazon Managed Prometheus: every question is signed. */
  sigv4?: Sigv4Settings | null;
  /** Ends what is asked at once, with `interrupted`. */
  signal?: AbortSignal | undefined;
}

const vectorShape = z.object({ resultType: z.literal("vector"), result: z.custom<Series[]>(isVector) });
const matrixShape = z.object({ resultType: z.literal("matrix"), result: z.custom<Samples[]>(isMatrix) });
/** When the question was evaluated, s. */
const clockShape = z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) });
const answerShape = z.object({
  status: z.string(),
  data: z.object({ resultType: z.enum(["vector", "matrix"]), result: z.custom<unknown[]>(Array.isArray) }),
});
const warningsShape = z.object({ warnings: z.array(z.string()) });
const partialShape = z.object({ isPartial: z.literal(true) });
const dateShape = z.object({ date: z.string() });
/** Only VictoriaMetrics has them: on all that it answers, or in a cluster's answers to queries. */
const victoria = { headers: z.object({ "x-server-hostname": z.string() }), data: z.object({ isPartial: z.boolean() }) };

/** What prometheus-query hands over before it asks, of axios' type. */
interface Request {
  method?: string;
  baseURL?: string;
  url?: string;
  params?: URLSearchParams;
  data?: URLSearchParams;
  headers: Record<string, unknown>;
}

/** Asked without a time, so that the server's own comes back and not the one sent along. */
const ownTime = "vector(time())";

/**
 * Where a part of the storage is away, an error is wanted and not what the rest of it knows: a count would be short, and a destination
 * missed for good. Thanos' name for it, and VictoriaMetrics'; others pass over what they do not know.
 */
const whole = { partial_response: "false", deny_partial_response: "1" };

/** Waits before the second and third try of a question that failed for a reason that may pass, in milliseconds. */
const pauses = [200, 1000];

/** A client for one Prometheus. Asks by POST, so that no URL grows too long and no proxy logs a query. */
export function prometheus(settings: PrometheusSettings): Telemetry & Self {
  let queries = 0;
  const warnings = new Set<string>();
  /** Of the last answer. */
  const last = { date: "", isVictoria: false };
  const { signal } = settings;
  const signing = settings.sigv4 ? sigv4(settings.sigv4) : null;
  const driver = new PrometheusDriver({
    endpoint: settings.url,
    preferPost: true,
    timeout: settings.timeout,
    headers: { ...settings.headers },
    ...(settings.basic === null ? {} : { auth: settings.basic }),
    requestInterceptor: {
      onFulfilled: async (request) => {
        for (const [name, value] of Object.entries(whole)) request.data.set(name, value);
        if (request.data.get("query") === ownTime) request.data.delete("time");
        else Object.assign(request, { row: readRow });
        if (signal !== undefined) request.signal = signal;
        if (signing !== null) await sign(signing, request);
        return request;
      },
    },
    responseInterceptor: {
      onFulfilled: (response) => {
        last.date = dateShape.safeParse(response.headers).data?.date ?? "";
        last.isVictoria =
          victoria.headers.safeParse(response.headers).success || victoria.data.safeParse(response.data).success;
        if (partialShape.safeParse(response.data).success) throw partialAnswer(settings.url);
        const said = warningsShape.safeParse(response.data);
        if (said.success) {
          for (const one of said.data.warnings) warnings.add(printable(one, 300).slice(1, -1));
        }
        return { ...response, data: untouched(response.data) };
      },
    },
  });

  const asked = (question: () => Promise<QueryResult>): Promise<unknown> =>
    retried(signal, async () => {
      queries += 1;
      try {
        return (await question()).result;
      } catch (thrown) {
        throw libraryError(thrown);
      }
    });
  const instant = (promql: string, at: number) => asked(() => driver.instantQuery(promql, new Date(at)));

  return {
    async vector(promql, at): Promise<Series[]> {
      return checked(vectorShape, await instant(promql, at)).result;
    },
    async samples(promql, at): Promise<Samples[]> {
      return checked(matrixShape, await instant(promql, at)).result;
    },
    async range(promql, from, to, step): Promise<Samples[]> {
      const question = () => driver.rangeQuery(promql, new Date(from), new Date(to), step / 1000);
      return checked(matrixShape, await asked(question)).result;
    },
    asked: () => ({ queries, warnings: [...warnings], clock: timeIn(last.date) }),
    about: async (now) => await about(settings.url, driver, last, asked, now),
  };
}

const timeIn = (date: string): number | null => (Number.isNaN(Date.parse(date)) ? null : Date.parse(date));

async function about(
  url: string,
  driver: PrometheusDriver,
  last: Readonly<{ date: string; isVictoria: boolean }>,
  asked: (question: () => Promise<QueryResult>) => Promise<unknown>,
  now: () => number,
): Promise<ServerFacts> {
  let before = 0;
  const question = () => {
    before = now();
    return driver.instantQuery(ownTime);
  };
  const { result } = checked(clockShape, await asked(question));
  const within = now() - before;
  const { date, isVictoria } = last;
  const [buildinfo, runtimeinfo] = await Promise.all([
    driver.statusBuildinfo().catch(() => null),
    driver.statusRuntimeInfo().catch(() => null),
  ]);
  const away = (time: number) => (Number.isFinite(time) ? Math.round(time - before - within / 2) : null);
  return {
    ...kindOf({ host: new URL(url).hostname, buildinfo, isVictoria }),
    retention: retentionOf(runtimeinfo),
    // A Date is cut to the second.
    skew: {
      // When it was evaluated; VictoriaMetrics' time() itself is half a minute late (-search.latencyOffset).
      time: away((result[0]?.value[0] ?? Number.NaN) * 1000),
      date: away(Date.parse(date) + 500),
      within: Math.round(within / 2),
    },
  };
}

/**
 * The library would copy each row twice, and make it a Date and a number that NaN stands in for: what it takes for text it hands through
 * as it is.
 */
function untouched(answer: unknown): unknown {
  const parsed = answerShape.safeParse(answer);
  return parsed.success ? { ...parsed.data, data: { resultType: "string", result: parsed.data.data } } : answer;
}

/** Makes it a request that AWS takes: with its limits, and signed to the byte. */
async function sign(signing: Signing, request: Request): Promise<void> {
  const isPost = request.method === "POST";
  const place = new URL(`${request.baseURL}${request.url}`);
  place.search = new URLSearchParams([
    ...(request.params ?? []),
    ...Object.entries(isPost ? signing.limits : {}),
  ]).toString();
  request.params = place.searchParams;
  if (isPost) request.headers["content-type"] = "application/x-www-form-urlencoded";
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  const body = isPost ? String(request.data ?? "") : "";
  Object.assign(request.headers, await signing.sign({ method: request.method ?? "GET", url: place, body, headers }));
}

async function retried<T>(signal: AbortSignal | undefined, ask: () => Promise<T>): Promise<T> {
  for (const pause of pauses) {
    try {
      return await ask();
    } catch (thrown) {
      const again = isRetryable(thrown) && thrown instanceof ScoutError && thrown.code !== "prometheus/timeout";
      if (!again) throw thrown;
      await wait(pause, undefined, signal === undefined ? {} : { signal }).catch(() => {});
      if (signal?.aborted) throw interrupted();
    }
  }
  return await ask();
}

/** prometheus-query throws plain objects that carry what our fetch threw as `original`. */
function libraryError(thrown: unknown): ScoutError {
  if (thrown instanceof ScoutError) return thrown;
  if (typeof thrown === "object" && thrown !== null && "original" in thrown && thrown.original instanceof ScoutError) {
    return thrown.original;
  }
  return badAnswer(thrown);
}

function checked<T>(shape: z.ZodType<T>, answer: unknown): T {
  const parsed = shape.safeParse(answer);
  if (!parsed.success) throw badAnswer(parsed.error);
  return parsed.data;
}

function partialAnswer(url: string): ScoutError {
  const text = `Prometheus at ${redactUrl(url)} answered in part: some of its storage is away, and counts would be short`;
  return new ScoutError("prometheus/unavailable", text, {
    mend: "check its storage nodes; nothing is lost: the next run covers this window",
  });
}

function badAnswer(cause: unknown): ScoutError {
  return new ScoutError("prometheus/bad-answer", "the answer is not what Prometheus' query API gives", {
    mend: "check that the URL is a Prometheus",
    cause,
  });
}
