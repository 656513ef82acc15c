/**
 * What prometheus-query uses of axios, over Node's own HTTP: the bundle and the tests put this in axios' place.
 * It saves 267 KB of a Lambda bundle, and is where the library's gaps are mended: HTTP statuses and Retry-After are kept, no
 * redirect is followed (headers with API keys would go along), answers are bounded, warnings survive. Not over fetch: that loads
 * a parser in WebAssembly, which costs a process 18 MB.
 */
import type { IncomingMessage } from "node:http";
import { pipeline, type Readable } from "node:stream";
import { ScoutError } from "../errors.ts";
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
}

interface Answer {
  status: number;
  headers: Record<string, string>;
  data: unknown;
}

type Hook<T> = ((value: T) => T | Promise<T>) | undefined;

/** One answer may hold so many bytes: 100,000 series with their labels are about 95 MB. */
const mostBytes = 256 * 1024 * 1024;

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
    const text = await boundedText(decoded(response));
    if (status < 200 || status > 299) throw statusError(url, status, new Headers(answered), text);
    return { status, headers: answered, data: parseAnswer(url, answered["content-type"], text) };
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

function decoded(response: IncomingMessage): Readable {
  if (response.headers["content-encoding"] !== "gzip") return response;
  // What goes wrong is thrown where the stream is read.
  return pipeline(response, process.getBuiltinModule("node:zlib").createGunzip(), () => {});
}

/** Decoded as it comes, so that no more than the text itself is held. */
async function boundedText(stream: Readable): Promise<string> {
  const decoder = new TextDecoder();
  let [text, bytes] = ["", 0];
  for await (const part of stream) {
    bytes += part.byteLength;
    if (bytes > mostBytes) throw new ScoutError("prometheus/too-expensive", "the answer is larger than 256 MiB");
    text += decoder.decode(part, { stream: true });
  }
  return text + decoder.decode();
}

function parseAnswer(url: string, type: string | undefined, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
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
