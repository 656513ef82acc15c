/** ADAPTER: one GET, to see whether a server is there and lets us in. */
import type { Reached } from "./reached.ts";

/** A yes is short; what is longer is somebody else's page. */
const mostBytes = 256 * 1024;

/** Never throws. @param timeout ms, the answer's last byte included */
export async function reach(url: string, headers: Readonly<Record<string, string>>, timeout: number): Promise<Reached> {
  const signal = AbortSignal.timeout(timeout);
  try {
    // Credentials do not go along to wherever it may redirect.
    const response = await fetch(url, { headers: { ...headers }, redirect: "manual", signal });
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for await (const part of response.body ?? []) {
      parts.push(part);
      bytes += part.byteLength;
      if (bytes > mostBytes) break;
    }
    return { status: response.status, body: Buffer.concat(parts).toString("utf8") };
  } catch (thrown) {
    if (signal.aborted) return { why: `no whole answer within ${timeout / 1000} s` };
    return { why: `the connection failed (${codeOf(thrown)})` };
  }
}

/** The system's code, and never the error's own words: they may hold the URL. */
function codeOf(thrown: unknown): string {
  for (let error = thrown, depth = 0; error instanceof Error && depth < 5; error = error.cause, depth += 1) {
    if ("code" in error && typeof error.code === "string" && /^[A-Z0-9_]{2,40}$/.test(error.code)) return error.code;
  }
  return "unknown";
}
