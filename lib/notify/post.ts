/** ADAPTER: one POST by HTTP, as every channel that speaks HTTP sends it. */
import { setTimeout as sleep } from "node:timers/promises";
import { ScoutError } from "../errors.ts";
import { type Addressee, type Answer, noAnswer, type Outcome } from "./answer.ts";

/** How a channel goes about it. */
export interface Ways {
  /** Milliseconds for one try, the answer's last byte included; default 10,000. */
  timeout?: number | undefined;
  /** How to wait before the second try; tests pass their own. */
  wait?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined;
  /** Ends a send at once, with `interrupted`. */
  signal?: AbortSignal | undefined;
}

export interface Post {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** What is longer is somebody else's page, and only its beginning is of use. */
const mostAnswerBytes = 64 * 1024;

/**
 * Posts once, and once more where `judge` says that a pause is worth it. Follows no redirect: the message would be somebody else's.
 * @returns the answer that was a yes
 * @throws ScoutError: that of `judge`, `channel/unavailable` where no whole answer came, or `interrupted`; none has a cause, since
 *   the causes of fetch may hold the URL
 */
export async function post(
  request: Post,
  to: Addressee,
  judge: (answer: Answer, to: Addressee) => Outcome,
  ways: Ways = {},
): Promise<Answer> {
  const { wait = pause, signal } = ways;
  let { answer, outcome } = await attempt(request, to, judge, ways);
  if (outcome.retryIn !== null) {
    await wait(outcome.retryIn, signal).catch(() => {});
    ({ answer, outcome } = await attempt(request, to, judge, ways));
  }
  if (outcome.error !== null) throw outcome.error;
  return answer;
}

/** Waits; ends early, with an error, when the signal says so. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, signal === undefined ? {} : { signal });
}

async function attempt(
  request: Post,
  to: Addressee,
  judge: (answer: Answer, to: Addressee) => Outcome,
  { timeout = 10_000, signal }: Ways,
): Promise<{ answer: Answer; outcome: Outcome }> {
  const deadline = AbortSignal.timeout(timeout);
  try {
    const answer = await exchange(request, signal === undefined ? deadline : AbortSignal.any([deadline, signal]));
    return { answer, outcome: judge(answer, to) };
  } catch (thrown) {
    if (signal?.aborted) throw new ScoutError("interrupted", `channel ${to.channel}: interrupted while sending`);
    throw noAnswer(deadline.aborted ? `no whole answer within ${timeout / 1000} s` : brokenBy(thrown), to);
  }
}

async function exchange({ url, headers, body }: Post, signal: AbortSignal): Promise<Answer> {
  const response = await fetch(url, { method: "POST", headers, body, signal, redirect: "manual" });
  const text = await beginning(response).catch((thrown: unknown) => {
    // A yes that breaks off is none; of a failure the status alone says enough.
    if (response.ok) throw thrown;
    return "";
  });
  const { status, headers: said } = response;
  return { status, retryAfter: said.get("retry-after"), date: said.get("date"), body: text };
}

/** The answer's first 64 KB as text. */
async function beginning(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= mostAnswerBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, mostAnswerBytes).toString("utf8");
}

/** The system's code for a broken connection (ECONNREFUSED, ENOTFOUND, UND_ERR_SOCKET, …), and never the error's own words. */
function brokenBy(thrown: unknown): string {
  for (let error = thrown, depth = 0; error instanceof Error && depth < 5; error = error.cause, depth += 1) {
    if ("code" in error && typeof error.code === "string" && /^[A-Z0-9_]{2,40}$/.test(error.code)) {
      return `the connection failed (${error.code})`;
    }
  }
  return "the connection failed";
}
