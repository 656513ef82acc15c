/**
 * What prometheus-query uses of axios, over Node's own fetch: the bundle and the tests put this in axios' place.
 * It saves 267 KB of a Lambda bundle, and is where the library's gaps are mended: HTTP statuses and Retry-After are kept, no
 * redirect is followed (headers with API keys would go along), answers are bounded, warnings and ±Inf survive.
 */
import { ScoutError } from "../errors.ts";
import { cutSecrets, headerSecrets } from "../words/cut-secrets.ts";
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
  const headers: Record<string, string> = { accept: "application/json", ...config.headers };
  if (config.auth !== null) {
    headers.authorization = `Basic ${Buffer.from(`${config.auth.username}:${config.auth.password}`).toString("base64")}`;
  }
  const body = config.method === "POST" ? { body: config.data } : {};
  const deadline = AbortSignal.timeout(config.timeout);
  const signal = config.signal === undefined ? deadline : AbortSignal.any([deadline, config.signal]);
  try {
    const response = await fetch(url, { method: config.method, headers, redirect: "manual", signal, ...body });
    const text = await boundedText(response);
    if (!response.ok)
      throw statusError(url, response.status, response.headers, cutSecrets(text, headerSecrets(headers)));
    const answered = Object.fromEntries(response.headers);
    return { status: response.status, headers: answered, data: parseAnswer(url, response, text) };
  } catch (thrown) {
    if (config.signal?.aborted) throw interrupted();
    throw thrown instanceof ScoutError ? thrown : requestError(url, config.timeout, thrown);
  }
}

/** Decoded as it comes, so that no more than the text itself is held. */
async function boundedText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let [text, bytes] = ["", 0];
  for await (const part of response.body ?? []) {
    bytes += part.byteLength;
    if (bytes > mostBytes) throw new ScoutError("prometheus/too-expensive", "the answer is larger than 256 MiB");
    text += decoder.decode(part, { stream: true });
  }
  return text + decoder.decode();
}

function parseAnswer(url: string, response: Response, text: string): unknown {
  try {
    // parseFloat, which the library reads samples with, knows Infinity but not +Inf. A label may be called so: left as it is.
    return JSON.parse(text.replace(/(,\s*)"\+?(-?)Inf"(?=\s*\])/g, '$1"$2Infinity"'));
  } catch {
    const type = response.headers.get("content-type") ?? "no content type";
    throw new ScoutError(
      "prometheus/bad-answer",
      `${new URL(url).origin} answered something that is not JSON (${type})`,
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
