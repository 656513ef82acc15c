/** What an error of the AWS SDK means. Pure. */
import * as z from "zod";
import { ScoutError } from "../errors.ts";
import { cutSecrets } from "../words/cut-secrets.ts";
import { printable } from "../words/printable.ts";
import { askedPause, laterMend, longestWait } from "./answer.ts";

/** What we read of an error the SDK throws. */
interface SdkError {
  name: string;
  message: string;
  status: number | null;
  code: string | null;
}

const answered = z.object({
  statusCode: z.number(),
  headers: z.object({ "retry-after": z.string(), date: z.string().optional() }),
});

/** How long an answer asks to be left alone, ms, where that is for longer than a run waits; else null. */
export function longPause(response: unknown): number | null {
  const { data } = answered.safeParse(response);
  if (data === undefined || data.statusCode < 400) return null;
  const pause = askedPause({ retryAfter: data.headers["retry-after"], date: data.headers.date ?? null });
  return pause !== null && pause > longestWait ? pause : null;
}

/** @param asked for how long SNS asks to be left alone, ms */
export function snsBusy(channel: string, asked: number): ScoutError {
  const said = `channel ${channel}: SNS has too much to do, to be tried again in ${Math.ceil(asked / 1000)} s`;
  return new ScoutError("channel/rate-limited", said, { mend: laterMend, retryAfter: asked });
}

/**
 * The error to throw in place of the SDK's: throttling is `channel/rate-limited`; a status of 5xx, a timeout or no answer
 * `channel/unavailable`; missing credentials, a whole answer that is not SNS' and all else SNS says no to (NotFound, AuthorizationError, InvalidParameter, a KMS
 * key, …) `channel/refused`. Without a cause: the SDK's error holds the answer, which may quote the request and its token.
 */
export function snsError(channel: string, thrown: unknown, secrets: readonly string[]): ScoutError {
  const { name, message, status, code } = read(thrown);
  const who = `channel ${channel}: SNS`;
  const said = `${printable(name, 80)}: ${printable(cutSecrets(message, secrets), 200)}`;
  if (status === 429 || /throttl|TooManyRequests|RequestLimitExceeded/i.test(name)) {
    return new ScoutError("channel/rate-limited", `${who} has too much to do: ${said}`, { mend: laterMend });
  }
  if (/CredentialsProviderError|TokenProviderError/.test(name)) {
    const mend =
      "give this process AWS credentials: a role, AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
    return new ScoutError("channel/refused", `${who}: no AWS credentials found`, { mend });
  }
  if (status !== null && status >= 500) {
    return new ScoutError("channel/unavailable", `${who} failed: status ${status}`, { mend: laterMend });
  }
  if (status !== null && status >= 300) {
    return new ScoutError("channel/refused", `${who} refused the message: ${said}`, { mend: mendOf(name) });
  }
  const late = /Timeout|Abort/.test(name);
  if (status !== null && code === null && !late) {
    const mend = "check the channel's endpoint, and what a proxy on the way does";
    return new ScoutError("channel/refused", `${who}: what answered is not SNS: no answer of its kind`, { mend });
  }
  const what = late ? "no whole answer in time" : `no whole answer${code === null ? "" : ` (${code})`}`;
  return new ScoutError("channel/unavailable", `${who}: ${what}`, {
    mend: `${laterMend}; check the way to the endpoint`,
  });
}

function mendOf(name: string): string {
  if (/NotFound/.test(name)) return "check the topic's ARN, account and region";
  if (/Authorization|AccessDenied|KMS/.test(name))
    return "allow sns:Publish on the topic, and its KMS key where it has one";
  if (/Token|Signature|Security|Credential/.test(name)) return "check this process' AWS credentials and its clock";
  return "check the channel's topicArn and endpoint";
}

function read(thrown: unknown): SdkError {
  if (!(thrown instanceof Error)) return { name: "Error", message: "", status: null, code: null };
  const code =
    "code" in thrown && typeof thrown.code === "string" && /^[A-Z0-9_]{2,40}$/.test(thrown.code) ? thrown.code : null;
  return { name: thrown.name, message: thrown.message, status: statusOf(thrown), code };
}

function statusOf(thrown: Error): number | null {
  const metadata: unknown = "$metadata" in thrown ? thrown.$metadata : null;
  if (typeof metadata !== "object" || metadata === null || !("httpStatusCode" in metadata)) return null;
  return typeof metadata.httpStatusCode === "number" ? metadata.httpStatusCode : null;
}
