/**
 * Every error a user may meet. One root, a stable `code`, what went wrong, what to do, the cause.
 * The message never holds a secret: URLs go through `redactUrl` first.
 */

export type ErrorCode =
  | "usage"
  | "config/invalid"
  | "config/unreadable"
  | "prometheus/unavailable"
  | "prometheus/unauthorized"
  | "prometheus/not-found"
  | "prometheus/bad-query"
  | "prometheus/too-expensive"
  | "prometheus/timeout"
  | "prometheus/bad-answer"
  | "prometheus/rate-limited"
  | "logs/unavailable"
  | "logs/refused"
  | "logs/bad-answer"
  | "store/unavailable"
  | "store/busy"
  | "store/too-new"
  | "store/corrupt"
  | "channel/refused"
  | "channel/unavailable"
  | "channel/rate-limited"
  | "repository/refused"
  | "repository/forbidden"
  | "repository/unauthorized"
  | "repository/not-found"
  | "repository/unavailable"
  | "repository/rate-limited"
  | "repository/bad-answer"
  | "secret/missing"
  | "secret/unavailable"
  | "queue/unavailable"
  | "interrupted"
  | "internal";

export class ScoutError extends Error {
  readonly code: ErrorCode;
  /** What the user can do about it: a sentence, or empty. */
  readonly mend: string;
  /** The other side asked not to be tried again for so long, ms; null where it did not. */
  readonly retryAfter: number | null;

  constructor(
    code: ErrorCode,
    message: string,
    options: { mend?: string; cause?: unknown; retryAfter?: number | null } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = "ScoutError";
    this.code = code;
    this.mend = options.mend ?? "";
    this.retryAfter = options.retryAfter ?? null;
  }
}

/** All the mistakes of a config at once, each with its path and what is allowed. */
export class ConfigError extends ScoutError {
  readonly mistakes: readonly string[];

  constructor(file: string, mistakes: readonly string[]) {
    super("config/invalid", `${file}: ${mistakes.length} mistake${mistakes.length === 1 ? "" : "s"}`, {
      mend: "`egress-scout schema config` prints what is allowed",
    });
    this.mistakes = mistakes;
  }
}

/** May the same call go through later, unchanged? */
export function isRetryable(error: unknown): boolean {
  if (!(error instanceof ScoutError)) return false;
  return [
    "prometheus/unavailable",
    "prometheus/timeout",
    "prometheus/rate-limited",
    "logs/unavailable",
    "channel/unavailable",
    "channel/rate-limited",
    "repository/unavailable",
    "repository/rate-limited",
    "secret/unavailable",
    "store/busy",
  ].includes(error.code);
}

/** Would the same question over less time be answered? */
export function isTooExpensive(error: unknown): boolean {
  return error instanceof ScoutError && ["prometheus/too-expensive", "prometheus/timeout"].includes(error.code);
}

/** `https://user:pass@host/path?token=x` → `https://host/path`; for what is printed. */
export function redactUrl(url: string): string {
  try {
    const parsed = new URL(url);
    return `${parsed.protocol}//${parsed.host}${parsed.pathname === "/" ? "" : parsed.pathname}`;
  } catch {
    return "(not a URL)";
  }
}

/** Any thrown thing as a ScoutError, so that nobody prints a stack at a user. */
export function asScoutError(thrown: unknown): ScoutError {
  if (thrown instanceof ScoutError) return thrown;
  return new ScoutError("internal", textOf(thrown), {
    mend: "this is a fault of egress-scout: please report it",
    cause: thrown,
  });
}

/** An object without a prototype has no text form, and one may throw instead of giving it. */
function textOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } catch {
    return "something was thrown that has no text";
  }
}
