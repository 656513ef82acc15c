/** Is Prometheus there, and which one? */

import type { ServerFacts } from "../poll/server.ts";
import { formatDuration } from "../words/duration.ts";
import { fail, ok, type Said, warn } from "./check.ts";

/** Prometheus has `last_over_time` since 2.26 and `present_over_time` since 2.29, and every run asks both. */
const oldest = 29;
/** A run asks some ten questions, one after another where they need each other, ms. */
const slow = 2000;

export function judgePrometheus(place: string, { kind, version, skew }: ServerFacts): Said {
  const name = `${kind ?? "a server that speaks Prometheus' query API"}${version === null ? "" : ` ${version}`}`;
  const took = 2 * skew.within;
  const found = `${name} at ${place}, answers in ${formatDuration(took)}`;
  const [, minor] = /^v?2\.(\d+)/.exec(version ?? "") ?? [];
  if (kind === "Prometheus" && minor !== undefined && Number(minor) < oldest) {
    return fail(
      found,
      "It does not know last_over_time or present_over_time, which every run asks.",
      "upgrade to Prometheus 2.29 or later",
    );
  }
  if (took > slow) {
    return warn(
      found,
      "A run asks some ten questions and more: it will take long.",
      "see what keeps it busy, or ask it from nearer by",
    );
  }
  return ok(found, "Runs can ask it.");
}
