/** What an answer by HTTP means, as far as all channels agree. Pure. */
import { ScoutError } from "../errors.ts";
import { cutSecrets } from "../words/cut-secrets.ts";
import { printable } from "../words/printable.ts";

export interface Answer {
  status: number;
  /** The headers Retry-After and Date as they came; null without one. */
  retryAfter: string | null;
  date: string | null;
  body: string;
}

/** Whom errors name, and what they must not. */
export interface Addressee {
  channel: string;
  /** Scheme and host: all of a URL that is no secret. */
  origin: string;
  secrets: readonly string[];
}

/** `error` is null where the other side said yes. `retryIn`: milliseconds after which one more try is worth it, else null. */
export interface Outcome {
  error: ScoutError | null;
  retryIn: number | null;
}

export const laterMend = "nothing is lost: the next run sends it again";
/** A longer wait is the next run's: a run on Lambda pays for its waiting. */
export const longestWait = 5_000;
const waitAfterFault = 1_000;

export const yes: Outcome = { error: null, retryIn: null };

/** It will not go through unchanged. `said` is the rest of the sentence that begins with who it was. */
export function refused(to: Addressee, said: string, mend: string): Outcome {
  const error = new ScoutError("channel/refused", `channel ${to.channel}: ${to.origin} ${said}`, { mend });
  return { error, retryIn: null };
}

/**
 * How long the other side asks to be left alone, ms: seconds, or the time from its own Date to a date
 * (https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3). Null where it says nothing that can be read.
 */
export function askedPause({ retryAfter, date }: Pick<Answer, "retryAfter" | "date">): number | null {
  const text = retryAfter?.trim() ?? "";
  if (/^\d{1,15}$/.test(text)) return Number(text) * 1000;
  if (!/^[A-Za-z]{3,9},? /.test(text)) return null;
  const pause = Date.parse(text) - Date.parse(date ?? "");
  return Number.isFinite(pause) && pause >= 0 ? pause : null;
}

/** It may go through later: after Retry-After, where that is short enough to wait for, and else not before a later run. */
export function tooMuch(answer: Pick<Answer, "retryAfter" | "date">, to: Addressee): Outcome {
  const pause = askedPause(answer);
  const when = pause === null ? "" : `, to be tried again in ${Math.ceil(pause / 1000)} s`;
  const said = `channel ${to.channel}: ${to.origin} has too much to do${when}`;
  return {
    error: new ScoutError("channel/rate-limited", said, { mend: laterMend, retryAfter: pause }),
    retryIn: pause !== null && pause <= longestWait ? pause : null,
  };
}

/** The other side's own fault, which may pass. */
export function failed(to: Addressee, how: string): Outcome {
  const said = `channel ${to.channel}: ${to.origin} failed: ${how}`;
  return { error: new ScoutError("channel/unavailable", said, { mend: laterMend }), retryIn: waitAfterFault };
}

/** What means the same everywhere: 429, 5xx and 408. Null for all else. */
export function judgeStatus(answer: Answer, to: Addressee): Outcome | null {
  const { status, retryAfter } = answer;
  if (status === 429 || (status === 503 && retryAfter !== null)) return tooMuch(answer, to);
  return status >= 500 || status === 408 ? failed(to, `status ${status}`) : null;
}

/** What the other side wrote, fit to print: short, and without secrets. */
export const reasonOf = ({ body }: Pick<Answer, "body">, to: Addressee): string =>
  printable(cutSecrets(body, to.secrets).trim(), 200);

/** No answer came, or only a part of one: `channel/unavailable`. `what` says how, and holds nothing of the request. */
export function noAnswer(what: string, to: Addressee): ScoutError {
  const mend = `${laterMend}; check that this machine reaches ${to.origin}`;
  return new ScoutError("channel/unavailable", `channel ${to.channel}: ${to.origin}: ${what}`, { mend });
}

/** Scheme and host of an http(s) URL; empty for what fetch would not take, and quote whole. */
export function originOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !["https:", "http:"].includes(parsed.protocol) || parsed.username + parsed.password !== "")
    return "";
  return parsed.origin;
}
