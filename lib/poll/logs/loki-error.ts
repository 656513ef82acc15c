/** What went wrong on the way to Loki, as an error that says what to do. Pure. */
import { ScoutError } from "../../errors.ts";
import { printable } from "../../words/printable.ts";

/** 429, or 503 with a Retry-After, ms. */
export class Busy extends ScoutError {
  readonly after: number;

  constructor(message: string, after: number) {
    super("logs/unavailable", message);
    this.after = after;
  }
}

/** An HTTP status that is not 2xx. `text` is the body. */
export function statusError(name: string, response: Response, text: string): ScoutError {
  const { status, headers } = response;
  const said = `${name} answered ${status}: ${printable(text.trim(), 200).slice(1, -1)}`;
  if (status === 429 || status === 503) return new Busy(said, retryAfter(headers.get("retry-after")));
  if (status >= 500)
    return new ScoutError("logs/unavailable", said, { mend: "Loki is there but not well: see its log" });
  const mend =
    status === 401 || status === 403
      ? "check logs.loki.auth and logs.loki.headers (X-Scope-OrgID)"
      : status === 404
        ? "check logs.loki.url: it is the part before /loki/api/v1"
        : status === 400
          ? "check logs.loki.query"
          : "put the final URL in the config";
  return new ScoutError("logs/refused", said, { mend });
}

/** Seconds; a date is taken for the shortest wait. */
const retryAfter = (text: string | null): number => (/^\d{1,6}$/.test(text ?? "") ? Number(text) * 1000 : 0);

export const refused = (name: string, why: string) => new ScoutError("logs/refused", `${name}: ${why}`);

/** fetch itself failed; `timeout` in ms. */
export function unreachable(name: string, timeout: number, thrown: unknown): ScoutError {
  if (thrown instanceof Error && thrown.name === "TimeoutError") {
    return new ScoutError("logs/refused", `${name} did not answer within ${timeout / 1000} s`, {
      mend: "try a longer logs.loki.timeout, or a narrower logs.loki.query",
    });
  }
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "no reason given";
  return new ScoutError("logs/unavailable", `${name} does not answer (${code})`, {
    mend: "check logs.loki.url, and that Loki is up",
    cause: thrown,
  });
}
