/** What a manifest says of itself: where it is from, and when somebody has to look at it again. */
import { printable } from "../words/printable.ts";
import type { Evidence } from "./evidence.ts";

/** Ours are all under this: a prefix of one label, as Kubernetes allows (apimachinery, IsQualifiedName), since we own no domain. */
const prefix = "egress-scout";
const mostCallers = 5;
const longest = 120;
const day = 86_400_000;
const reviewDays = 90;
const leastNotice = 30 * day;

/**
 * Labels and annotations of a manifest in `namespace` that rests on `evidence`; `now` is the run's time, where it is known. Throws
 * nothing.
 * No count, no id of a finding and no time of a last call is among them: they differ from run to run, and a manifest that is applied
 * again, or written to Git again, is to be the same for as long as the traffic is.
 */
export function provenance(evidence: readonly Evidence[], namespace: string, now: number | undefined) {
  const caller = (one: Evidence) => (one.namespace === namespace ? one.workload : `${one.namespace}/${one.workload}`);
  const callers = [...new Set(evidence.map((one) => safe(caller(one))))].sort();
  const seen = evidence.map((one) => one.firstSeen);
  return {
    labels: { "app.kubernetes.io/created-by": "egress-scout" },
    annotations: {
      [`${prefix}/seen-from`]: listed(callers),
      ...dated(
        "first-seen",
        seen.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
      ),
      ...dated(
        "review-by",
        reviewBy(
          seen.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
          now,
        ),
      ),
    },
  };
}

/**
 * 90 days after the newest of these calls was first seen, which is 90 days after the run for what is new; for older ones the same
 * again and again until there are 30 days left. So it stays where it is from run to run, and is never over when it is written.
 */
export function reviewBy(newest: number, now: number | undefined): number {
  const period = reviewDays * day;
  const periods = now === undefined ? 1 : Math.ceil((now + leastNotice - newest) / period);
  return newest + Math.max(1, periods) * period;
}

function listed(callers: readonly string[]): string {
  const rest = callers.length - mostCallers;
  return `${callers.slice(0, mostCallers).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

/** A workload as text: what Kubernetes would not call one is quoted and escaped. */
export function safe(caller: string): string {
  return caller.length <= longest && /^[A-Za-z0-9._/-]+$/.test(caller) ? caller : printable(caller);
}

function dated(name: string, time: number): Record<string, string> {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? {} : { [`${prefix}/${name}`]: date.toISOString().slice(0, 10) };
}
