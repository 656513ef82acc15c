/** What went wrong on the way to Prometheus, as an error that says what to do. Pure. */
import * as z from "zod";
import { redactUrl, ScoutError } from "../errors.ts";
import { printable } from "../words/printable.ts";

/** The API's base, without the path of the call: what the user wrote in the config. */
const place = (url: string) => redactUrl(url).replace(/\/api\/v1\/.*$/, "");

/** The request itself failed: refused, unknown host, TLS, reset, timed out. `timeout` in milliseconds. */
export function requestError(url: string, timeout: number, thrown: unknown): ScoutError {
  const name = thrown instanceof Error ? thrown.name : "";
  if (name === "TimeoutError" || name === "AbortError") {
    return new ScoutError(
      "prometheus/timeout",
      `Prometheus at ${place(url)} did not answer within ${timeout / 1000} s`,
      {
        mend: "try a longer prometheus.timeout, or a shorter --since",
      },
    );
  }
  return new ScoutError(
    "prometheus/unavailable",
    `Prometheus at ${place(url)} does not answer: ${deepest(thrown).replaceAll(url, place(url))}`,
    {
      mend: "check the URL, and that Prometheus is up",
      cause: thrown,
    },
  );
}

/** The run was told to end while it asked. */
export const interrupted = (): ScoutError =>
  new ScoutError("interrupted", "the run was told to end before Prometheus had answered", {
    mend: "nothing is lost: the next run covers this window",
  });

function deepest(thrown: unknown): string {
  let at: unknown = thrown;
  while (at instanceof Error && at.cause instanceof Error) at = at.cause;
  const code = at instanceof Error && "code" in at ? String(at.code) : "";
  const text = at instanceof Error ? at.message : String(at);
  return code !== "" && !text.includes(code) ? `${text} (${code})` : text || code;
}

/** An HTTP status that is not 2xx. `text` is the body; Prometheus' own reason is taken from it where it has one. */
export function statusError(url: string, status: number, headers: Headers, text: string): ScoutError {
  const reason = prometheusReason(text);
  const said = `Prometheus at ${place(url)} answered ${status}${reason === null ? "" : `: ${reason}`}`;
  if (status >= 300 && status < 400) {
    const target = redactUrl(headers.get("location") ?? "");
    return new ScoutError("prometheus/not-found", `${said} (a redirect to ${target})`, {
      mend: "put the final URL in the config",
    });
  }
  if (status === 401 || status === 403) {
    return new ScoutError("prometheus/unauthorized", said, { mend: refusalMend(reason ?? "") });
  }
  if (status === 404 || status === 405) {
    return new ScoutError("prometheus/not-found", said, {
      mend: "check the URL's path: it is the part before /api/v1 (Mimir: /prometheus, VictoriaMetrics cluster: /select/0/prometheus)",
    });
  }
  if (status === 429) {
    const after = headers.get("retry-after");
    return new ScoutError(
      "prometheus/rate-limited",
      `${said}${after === null ? "" : `; Retry-After ${printable(after, 20)}`}`,
      { mend: "nothing is lost: the next run covers this window" },
    );
  }
  if (/too many samples|too many series|exceed|limit/i.test(reason ?? "") && status < 500) {
    return new ScoutError("prometheus/too-expensive", said, {
      mend: "narrow it with prometheus.matchers, or a shorter --since",
    });
  }
  if (status === 408 || status === 504 || /time(d )?out|deadline/i.test(reason ?? ""))
    return new ScoutError("prometheus/timeout", said, { mend: "try a shorter --since; see Prometheus' own limits" });
  if (status >= 500)
    return new ScoutError("prometheus/unavailable", said, { mend: "Prometheus is there but not well: see its log" });
  return new ScoutError("prometheus/bad-query", said, { mend: "check prometheus.matchers and labels in the config" });
}

/** What AWS says no by has a way to mend it; what others say is not known so well. */
function refusalMend(reason: string): string {
  const known: [says: RegExp, mend: string][] = [
    [/signature (expired|not yet current)|too skewed/i, "this machine's clock is more than five minutes off: set it"],
    [
      /security token|ExpiredToken|credentials? .*expired/i,
      "the AWS credentials have expired or are not valid: renew them",
    ],
    [/not authorized to perform/i, "allow the role aps:QueryMetrics on the workspace"],
    [/signature we calculated/i, "check the AWS secret key, and prometheus.auth.sigv4.region"],
    [/missing authentication token/i, "set prometheus.auth.sigv4, and a URL that ends in /workspaces/ID"],
    [/credential should be scoped/i, "prometheus.auth.sigv4.region is the workspace's own region"],
  ];
  return known.find(([says]) => says.test(reason))?.[1] ?? "check prometheus.auth and prometheus.headers";
}

const errorShape = z.union([
  z.object({ error: z.string() }).transform(({ error }) => error),
  // AWS' own: with a wrong signature it goes on to quote what was signed, tokens and all.
  z.object({ message: z.string() }).transform(({ message }) => message.replace(/\.? *The Canonical String.*/s, "")),
  z.object({ Message: z.string() }).transform(({ Message }) => Message.replace(/\.? *The Canonical String.*/s, "")),
]);

function prometheusReason(text: string): string | null {
  try {
    const { data } = errorShape.safeParse(JSON.parse(text));
    return data === undefined ? null : printable(data, 300).slice(1, -1).replaceAll('\\"', '"');
  } catch {
    return null;
  }
}
