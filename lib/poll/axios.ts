/**
 * What prometheus-query uses of axios, over Node's own HTTP: the bundle and the tests put this in axios' place.
 * It saves 267 KB of a Lambda bundle, and is where the library's gaps are mended: HTTP statuses and Retry-After are kept, no
 * redirect is followed (headers with API keys would go along), answers are bounded, warnings survive. Not over fetch: that loads
 * a parser in WebAssembly, which costs a process 18 MB.
 */
import type { IncomingMessage } from "node:http";
import { pipeline } from "node:stream";
import { ScoutError } from "../errors.ts";
import { cutSecrets, headerSecrets } from "../words/cut-secrets.ts";
import { jsonOf, textOf } from "./answer.ts";
import { interrupted, requestError, statusError } from "./http-error.ts";

interface RequestConfig {
  baseURL: string;
  url: string;
  method: string;
  params: URLSearchParams;
  data: URLSearchParams;
  headers: Record<string, string>;
  auth: { username: string; password: string } | null;
  timeout: number;
  /** Ends the request at once, with `interrupted`. */
  signal?: AbortSignal | undefined;
  /** What is kept of an answer's rows. */
  row?: ((row: unknown) => unknown) | undefined;
}

interface Answer {
  status: number;
  headers: Record<string, string>;
  data: unknown;
}

type Hook<T> = ((value: T) => T | Promise<T>) | undefined;

async function request(config: RequestConfig): Promise<Answer> {
  const query = config.params.toString();
  const url = `${config.baseURL}${config.url}${query === "" ? "" : `?${query}`}`;
  const headers: Record<string, string> = { accept: "application/json", ...encodings(url), ...config.headers };
  if (config.auth !== null) {
    headers.authorization = `Basic ${Buffer.from(`${config.auth.username}:${config.auth.password}`).toString("base64")}`;
  }
  const isPost = config.method === "POST";
  if (isPost) headers["content-type"] ??= "application/x-www-form-urlencoded;charset=UTF-8";
  const deadline = AbortSignal.timeout(config.timeout);
  const signal = config.signal === undefined ? deadline : AbortSignal.any([deadline, config.signal]);
  try {
    const asked = { method: config.method, headers, signal };
    const response = await exchange(url, asked, isPost ? config.data.toString() : undefined);
    const { statusCode: status = 0 } = response;
    const answered = Object.fromEntries(
      Object.entries(response.headers).map(([name, value]) => [name, [value].flat().join(", ")]),
    );
    const body = decoded(response);
    if (status < 200 || status > 299) {
      const said = cutSecrets(await textOf(body), headerSecrets(headers));
      throw statusError(url, status, new Headers(answered), said);
    }
    return { status, headers: answered, data: await parsed(url, answered["content-type"], body, config.row) };
  } catch (thrown) {
    if (config.signal?.aborted) throw interrupted();
    throw thrown instanceof ScoutError
      ? thrown
      : requestError(url, config.timeout, deadline.aborted ? deadline.reason : thrown);
  }
}

/** An answer from this very machine is not packed: to pack it takes longer than to hand it over. */
const encodings = (url: string) =>
  /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname) ? {} : { "accept-encoding": "gzip" };

/** Resolves with the head of the answer. */
function exchange(
  url: string,
  asked: { method: string; headers: Record<string, string>; signal: AbortSignal },
  body: string | undefined,
): Promise<IncomingMessage> {
  // By `import` these modules would load fetch, only to hand it on by name.
  const http = process.getBuiltinModule(url.startsWith("https:") ? "node:https" : "node:http");
  return new Promise((resolve, reject) => {
    http.request(url, asked, resolve).once("error", reject).end(body);
  });
}

function decoded(response: IncomingMessage): AsyncIterable<string> {
  if (response.headers["content-encoding"] !== "gzip") return response.setEncoding("utf8");
  // What goes wrong is thrown where the stream is read.
  const unpacked = pipeline(response, process.getBuiltinModule("node:zlib").createGunzip(), () => {});
  return unpacked.setEncoding("utf8");
}

async function parsed(
  url: string,
  type: string | undefined,
  body: AsyncIterable<string>,
  row: RequestConfig["row"],
): Promise<unknown> {
  try {
    return await jsonOf(body, row);
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    throw new ScoutError(
      "prometheus/bad-answer",
      `${new URL(url).origin} answered something that is not JSON (${type ?? "no content type"})`,
      {
        mend: "check that the URL is a Prometheus and not a login page or a proxy",
      },
    );
  }
}

function create() {
  const before: Hook<RequestConfig>[] = [];
  const after: Hook<Answer>[] = [];
  return {
    interceptors: {
      request: { use: (hook: Hook<RequestConfig>) => before.push(hook) },
      response: { use: (hook: Hook<Answer>) => after.push(hook) },
    },
    async request(config: RequestConfig): Promise<Answer> {
      let asked = config;
      for (const hook of before) asked = (await hook?.(asked)) ?? asked;
      let answer = await request(asked);
      for (const hook of after) answer = (await hook?.(answer)) ?? answer;
      return answer;
    },
  };
}

// biome-ignore lint/style/noDefaultExport: it stands in axios' place, whose export is the default one
export default { create };
