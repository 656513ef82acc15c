/** ADAPTER: fetches one list over HTTP, bounded in time and size. */

/** What a server said of an answer, to be asked about later: RFC 9110 §13.1. */
export interface Validators {
  etag: string | null;
  lastModified: string | null;
}

export type Answer =
  | ({ status: "new"; bytes: Uint8Array } & Validators)
  /** What we have is what there is. */
  | { status: "same" }
  | { status: "failed"; why: string };

export interface FetchLimits {
  /** Milliseconds for all of it, redirects and the last byte included. */
  deadline: number;
  mostBytes: number;
}

const mostRedirects = 3;

/**
 * Asks for a list; for one that has changed, where `known` is what came with the last answer. Redirects are followed on the same host
 * only: whoever may answer for a host may send us on within it, and to nobody else, who might be inside. User and password of a URL go
 * as a header. Never throws, and `why` holds nothing of the URL.
 */
export async function fetchList(url: string, known: Validators | null, limits: FetchLimits): Promise<Answer> {
  const signal = AbortSignal.timeout(limits.deadline);
  try {
    const { at, headers } = question(url, known);
    const response = await followed(at, { headers, signal, redirect: "manual" }, mostRedirects);
    if (typeof response === "string") return { status: "failed", why: response };
    if (response.status === 200) return await received(response, limits.mostBytes);
    await response.body?.cancel();
    if (response.status === 304 && known !== null) return { status: "same" };
    return { status: "failed", why: `the server answered ${response.status}` };
  } catch (thrown) {
    return { status: "failed", why: reasonOf(thrown, limits.deadline) };
  }
}

function question(url: string, known: Validators | null): { at: URL; headers: Record<string, string> } {
  const at = new URL(url);
  // GitHub refuses whoever does not say who they are.
  const headers: Record<string, string> = {
    "user-agent": "egress-scout",
    accept: "application/json, text/*, */*;q=0.5",
  };
  if (at.username !== "" || at.password !== "") {
    const pair = `${decodeURIComponent(at.username)}:${decodeURIComponent(at.password)}`;
    headers.authorization = `Basic ${Buffer.from(pair).toString("base64")}`;
    // fetch takes no URL with a user in it.
    at.username = "";
    at.password = "";
  }
  if (known?.etag) headers["if-none-match"] = known.etag;
  if (known?.lastModified) headers["if-modified-since"] = known.lastModified;
  return { at, headers };
}

/** The answer behind the redirects, or why they are not followed. */
async function followed(at: URL, how: RequestInit, left: number): Promise<Response | string> {
  // biome-ignore lint/style/noRestrictedGlobals: an adapter, see .dependency-cruiser.mjs
  const response = await fetch(at, how);
  const location = response.headers.get("location");
  if (![301, 302, 303, 307, 308].includes(response.status) || location === null) return response;
  await response.body?.cancel();
  const next = new URL(location, at);
  if (next.host !== at.host || (at.protocol === "https:" && next.protocol !== "https:")) {
    return "the server redirects to another host, which is not followed: put the final URL in the config";
  }
  return left === 0 ? "the server redirects too often" : followed(next, how, left - 1);
}

async function received(response: Response, mostBytes: number): Promise<Answer> {
  const parts: Uint8Array[] = [];
  let count = 0;
  for await (const part of response.body ?? []) {
    count += part.byteLength;
    if (count > mostBytes) return { status: "failed", why: `the answer is larger than ${mostBytes / 2 ** 20} MiB` };
    parts.push(part);
  }
  const { headers } = response;
  return {
    status: "new",
    bytes: Buffer.concat(parts),
    etag: headers.get("etag"),
    lastModified: headers.get("last-modified"),
  };
}

function reasonOf(thrown: unknown, deadline: number): string {
  if (thrown instanceof Error && thrown.name === "TimeoutError") return `no whole answer within ${deadline / 1000} s`;
  let at: unknown = thrown;
  while (at instanceof Error && at.cause instanceof Error) at = at.cause;
  // A message may quote the URL; a code does not.
  const code = at instanceof Error && "code" in at ? String(at.code) : "";
  return code === "" ? "the connection failed, or was cut off" : `the connection failed (${code})`;
}
