/** Do our clock and Prometheus' agree? A run's window ends by ours. */

import type { ServerFacts } from "../poll/server.ts";
import { formatDuration } from "../words/duration.ts";
import { fail, ok, type Said, skip, warn } from "./check.ts";

/** Runs ask for what is 15 s old, and look two minutes further back for samples that came late, ms. */
const asked = 15_000;
const overlap = 120_000;

export function judgeClock({ skew: { time, date, within } }: ServerFacts): Said {
  const told = [
    { off: time, within },
    // Cut to the second.
    { off: date, within: within + 500 },
  ].flatMap(({ off, within }) => (off === null ? [] : [{ off, sure: Math.max(0, Math.abs(off) - within) }]));
  const [first, ...rest] = told;
  if (first === undefined) return skip("the server does not tell its time", "There is nothing to judge by.");
  const { off: worst, sure } = rest.reduce((most, one) => (one.sure > most.sure ? one : most), first);
  if (sure < asked)
    return ok(
      `within ${formatDuration(Math.max(1000, Math.ceil(sure / 1000) * 1000))} of ours`,
      "Windows end where they should.",
    );
  const found = `Prometheus' clock is ${formatDuration(Math.round(Math.abs(worst) / 1000) * 1000)} ${worst > 0 ? "ahead of" : "behind"} ours${apart(time, date)}`;
  const mend = "let both machines follow NTP";
  if (sure < overlap) return warn(found, "Runs look at a window that is not over yet, or told late.", mend);
  return fail(
    found,
    "Runs look where nothing is stored yet, or miss what was: destinations are told late or never.",
    mend,
  );
}

/** Behind a proxy the Date is the proxy's. */
function apart(time: number | null, date: number | null): string {
  if (time === null || date === null || Math.abs(time - date) < asked) return "";
  return ` (by its ${Math.abs(time) > Math.abs(date) ? "queries, not by the Date of its answers" : "Date header, not by its queries"})`;
}
