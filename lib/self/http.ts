/** ADAPTER: one request by HTTP to whatever watches egress-scout. */
import { setTimeout as sleep } from "node:timers/promises";

export interface Request {
  method: "GET" | "POST" | "PUT";
  url: string;
  headers: Readonly<Record<string, string>>;
  body?: string;
  /** Milliseconds for one try, the answer's last byte included. */
  timeout: number;
  /** How long to wait before the second try, ms; tests wait shorter. */
  pause?: number;
}

/** An answer's end is of no use to anybody. */
const mostAnswerBytes = 64 * 1024;
const pause = 1_000;

/**
 * Asks once, and once more where the other side was away or at fault itself. Follows no redirect: headers and body would be somebody else's.
 * @returns null where the answer was a yes, else what came of it, without the URL: it may be a secret
 */
export async function ask(request: Request): Promise<string | null> {
  const first = await attempt(request);
  if (first === null || !first.mayPass) return first?.text ?? null;
  await sleep(request.pause ?? pause);
  return (await attempt(request))?.text ?? null;
}

async function attempt({ method, url, headers, body, timeout }: Request) {
  const signal = AbortSignal.timeout(timeout);
  const content = body === undefined ? {} : { body };
  try {
    const response = await fetch(url, { method, headers, ...content, signal, redirect: "manual" });
    const text = await beginning(response);
    if (response.ok) return null;
    return { text: `HTTP ${response.status}${text}`, mayPass: response.status >= 500 || response.status === 429 };
  } catch (thrown) {
    const text = signal.aborted
      ? `no whole answer within ${timeout / 1000} s`
      : `the connection failed${codeOf(thrown)}`;
    return { text, mayPass: true };
  }
}

/** Reads the answer, so that the connection is free again; of a redirect, says that it is one. */
async function beginning(response: Response): Promise<string> {
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size >= mostAnswerBytes) break;
  }
  return response.status >= 300 && response.status < 400 ? " (a redirect, which is not followed)" : "";
}

/** The system's code, and never the error's own words: they may hold the URL. */
function codeOf(thrown: unknown): string {
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  const code = typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : "";
  return /^[A-Z0-9_]{2,40}$/.test(code) ? ` (${code})` : "";
}
