/** What an answer of a host of repositories means, as far as GitHub and GitLab agree. Pure. */
import * as z from "zod";
import { type ErrorCode, ScoutError } from "../errors.ts";
import { cutSecrets } from "../words/cut-secrets.ts";
import { printable } from "../words/printable.ts";

export interface Reply {
  status: number;
  headers: Pick<Headers, "get">;
  text: string;
}

/** Whom errors name, and what they must not. */
export interface Side {
  /** `github acme/mesh`: no secret. */
  name: string;
  secrets: readonly string[];
  /** What a token has to be allowed. */
  permissions: string;
}

/** An object's id in Git. */
export const objectId = z.string().regex(/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/);

/** Whose mail address, and when. */
type Signature = readonly [email: string | null | undefined, date: string | null | undefined];

/**
 * Was a commit changed after it was made? What an API makes is written and committed at one time, by whom a host that signs it says that it is
 * (https://docs.gitlab.com/user/project/repository/signed_commits/web_commits); addresses decide where there are no times.
 */
export const isAmended = ([author, written]: Signature, [committer, committed]: Signature): boolean =>
  written && committed ? written !== committed : author !== committer;

/** Null for a yes. */
export function judge(reply: Reply, { method, path }: { method: string; path: string }, side: Side): ScoutError | null {
  const { status } = reply;
  if (status >= 200 && status < 300) return null;
  const said = `${side.name}: status ${status} to ${method} ${path.replace(/\?.*/, "")}: ${reasonOf(reply, side)}`;
  const fault = (code: ErrorCode, mend: string, retryAfter: number | null = null) =>
    new ScoutError(code, said, { mend, retryAfter });
  if (isTooMuch(reply)) {
    const pause = pauseOf(reply);
    const when = pause === null ? "later" : `in ${Math.ceil(pause / 1000)} s`;
    return fault("repository/rate-limited", `plan again ${when}: what was done stays`, pause);
  }
  if (status === 401) return fault("repository/unauthorized", "the token is wrong, or has ended: make another one");
  if (status === 403) return fault("repository/forbidden", `the token needs ${side.permissions}`);
  if (status === 404) {
    return fault(
      "repository/not-found",
      `check the name and the token: what a token may not see is answered so as well; it needs ${side.permissions}`,
    );
  }
  if (status >= 500 || status === 408) {
    return fault("repository/unavailable", "what was done stays, and the next plan goes on from there");
  }
  return fault("repository/refused", "see what it says; rules for branches may forbid what was tried");
}

/** GitHub answers 403 as well (https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api). */
function isTooMuch({ status, headers, text }: Reply): boolean {
  if (status === 429) return true;
  if (status !== 403) return false;
  const isOut = headers.get("x-ratelimit-remaining") === "0";
  return isOut || headers.get("retry-after") !== null || /rate limit|abuse detection/i.test(text.slice(0, 2_000));
}

/** How long it asks to be left alone, ms; a minute for a limit that says nothing, as GitHub asks for. */
function pauseOf({ headers }: Reply): number | null {
  const seconds = headers.get("retry-after")?.trim() ?? "";
  if (/^\d{1,9}$/.test(seconds)) return Number(seconds) * 1000;
  const now = Date.parse(headers.get("date") ?? "");
  const reset = Number(headers.get("x-ratelimit-reset") ?? headers.get("ratelimit-reset") ?? Number.NaN) * 1000;
  const isOut = headers.get("x-ratelimit-remaining") === "0" || headers.get("ratelimit-remaining") === "0";
  if (!isOut) return 60_000;
  return Number.isFinite(now) && Number.isFinite(reset) ? Math.max(1_000, reset - now) : null;
}

const message = z.object({
  message: z.union([z.string(), z.record(z.string(), z.unknown()), z.array(z.unknown())]).optional(),
  error: z.string().optional(),
  errors: z
    .array(z.union([z.string(), z.looseObject({ message: z.string().optional(), field: z.string().optional() })]))
    .optional(),
});

/** What it says is wrong, fit to print: short, and without secrets. A page of HTML says nothing. */
export function reasonOf({ text, status }: Pick<Reply, "text" | "status">, { secrets }: Pick<Side, "secrets">): string {
  const found = message.safeParse(jsonOf(text));
  if (!found.success) return status >= 300 && status < 400 ? "a redirect" : "no answer of such an API";
  const { message: first = found.data.error ?? "", errors = [] } = found.data;
  const more = errors.map((one) => (typeof one === "string" ? one : (one.message ?? one.field ?? "")));
  const whole = [typeof first === "string" ? first : JSON.stringify(first), ...more].filter((one) => one !== "");
  return printable(cutSecrets(whole.join("; "), secrets), 300);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The answer in the shape that is relied on. @throws ScoutError `repository/bad-answer` */
export function shaped<T>(reply: Reply, shape: z.ZodType<T>, what: string, { name }: Side): T {
  const found = shape.safeParse(jsonOf(reply.text));
  if (found.success) return found.data;
  const [issue] = found.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? "" : ` (${printable(issue.path.join("."), 60)})`;
  throw new ScoutError("repository/bad-answer", `${name}: ${what} is not what this API answers${where}`, {
    mend: "check apiUrl, and what a proxy on the way does",
  });
}
