/** When what failed is tried again. Pure and without chance: the same runs give the same times. */
import { type ErrorCode, ScoutError } from "../errors.ts";
import type { Failure } from "../model.ts";
import { time } from "./headline.ts";

const minute = 60_000;
/** The first try comes after this, each later one after twice as long, ms. */
const shortest = minute;
const longest = 60 * minute;
/** Nobody is left alone for longer than this, whatever they ask for, ms. */
const longestAsked = 24 * 60 * minute;

/** A failure after one more try. A pause that the other side asked for is kept, up to a day. @param now the run's end, ms */
export function failedAgain(before: Failure | null, error: ScoutError, now: number): Failure {
  const attempts = (before?.attempts ?? 0) + 1;
  const own = Math.min(longest, shortest * 2 ** Math.min(attempts - 1, 30));
  const wait = error.retryAfter === null ? own : Math.min(longestAsked, Math.max(shortest, error.retryAfter));
  const { since = now, reported = false } = before ?? {};
  return { since: Math.min(since, now), attempts, next: now + wait, code: error.code, text: error.message, reported };
}

/** Is it too early to try again? A time further off than any wait is of a run that looked at another time: it holds nobody up. */
export function isEarly({ next, code }: Failure, now: number): boolean {
  return now < next && next - now <= (code === "channel/rate-limited" ? longestAsked : longest);
}

/** The error of a try that was not made again. */
export function errorOf({ code, text, next }: Failure): ScoutError {
  return new ScoutError(code as ErrorCode, `${text}; not tried again before ${time(next)}`);
}
