/** Another's rule, scored on one series. */
import { type Incident, incidentLength, type Sample } from "./incidents.ts";
import type { Outcome } from "./outcome.ts";
import type { Peer } from "./peers.ts";
import { fortnight, hour } from "./time.ts";

/**
 * In: a series and a rule. Out: how often it alerts for nothing, alerts within an hour of one another being one; and the alerts inside each
 * incident, chance hits included, which favours rules that alert often.
 */
export function scorePeer({ counts, incidents, right }: Sample, peer: Peer): Outcome {
  const known = counts.map((count) => count ?? 0);
  let falseEpisodes = 0;
  let last = Number.NEGATIVE_INFINITY;
  let excused = false;
  peer.flags(known).forEach((alerts, bucket) => {
    if (!alerts || bucket < fortnight) return;
    if (bucket - last > hour) {
      if (!excused && right !== null && bucket >= right.from && bucket < right.to) excused = true;
      else falseEpisodes += 1;
    }
    last = bucket;
  });
  return { falseEpisodes, found: incidents.map((one) => ({ excess: one.excess, poll: pollOf(known, one, peer) })) };
}

function pollOf(counts: readonly number[], { at, added }: Incident, { reach, flags }: Peer): number | null {
  const from = Math.max(0, at - reach - 1);
  const struck = counts.slice(from, at + incidentLength).map((count, i) => count + (added[from + i - at] ?? 0));
  const poll = flags(struck).findIndex((alerts, i) => alerts && from + i >= at);
  return poll < 0 ? null : from + poll - at + 1;
}
