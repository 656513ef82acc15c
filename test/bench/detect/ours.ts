/** Our detector, scored on one series. */
import { observe } from "../../../lib/detect/spike/observe.ts";
import type { SpikeParameters } from "../../../lib/detect/spike/parameters.ts";
import { newState, type SpikeState } from "../../../lib/detect/spike/state.ts";
import { type Incident, incidentLength, type Sample } from "./incidents.ts";
import type { Outcome } from "./outcome.ts";
import { type Counts, fortnight } from "./time.ts";

/** In: a series and the parameters. Out: what `observe` makes of it, every incident being tried on a copy of the state of its moment. */
export function scoreOurs({ counts, incidents, right }: Sample, parameters: SpikeParameters): Outcome {
  const state = newState();
  const found: Outcome["found"] = [];
  let falseEpisodes = 0;
  let excused = false;
  counts.forEach((count, bucket) => {
    for (const incident of incidents) {
      if (incident.at !== bucket) continue;
      found.push({ excess: incident.excess, poll: pollOf(structuredClone(state), counts, incident, parameters) });
    }
    const judgement = observe(state, bucket, count, parameters);
    if (judgement.status !== "judged" || judgement.opened !== "new" || bucket < fortnight) return;
    if (!excused && right !== null && bucket >= right.from && bucket < right.to) excused = true;
    else falseEpisodes += 1;
  });
  return { falseEpisodes, found };
}

function pollOf(
  state: SpikeState,
  counts: Counts,
  { at, added }: Incident,
  parameters: SpikeParameters,
): number | null {
  for (let i = 0; i < incidentLength; i += 1) {
    const count = counts[at + i] ?? null;
    const judgement = observe(state, at + i, count === null ? null : count + (added[i] ?? 0), parameters);
    if (judgement.status === "judged" && judgement.opened !== null) return i + 1;
  }
  return null;
}
