/** Series with incidents in them, as one history that a whole run can be made over, and how reports of spikes in it are scored. */
import { observe } from "../../../lib/detect/spike/observe.ts";
import type { SpikeParameters } from "../../../lib/detect/spike/parameters.ts";
import { newState } from "../../../lib/detect/spike/state.ts";
import { gapped } from "./artefacts.ts";
import { type ClassName, classes, classNames, shiftAt } from "./classes.ts";
import { type Incident, incidentLength, type Sample } from "./incidents.ts";
import type { Outcome } from "./outcome.ts";
import { type Random, randomOf } from "./random.ts";
import { type Counts, day, fortnight, hour } from "./time.ts";

/** Buckets that are learned, and buckets that are scored; those begin where the classes' second fortnight does. */
export interface Span {
  learn: number;
  scored: number;
}

/** `counts` is without the incidents, `laid` with them; both are null outside of the span. */
export interface Laid extends Sample {
  nth: number;
  laid: Counts;
}

/** What is found so soon after an incident is late: neither found nor false. */
const aftermath = hour;
/** From an incident to the next one, and to the bounds of the scored time: the longest that an episode lasts is twice that. */
const apart = 6 * hour;

/** The `nth` series of a class, with one incident of +10 and one of +30 where it is scored, either of them first in half of the series. */
export function lay(seed: number, name: ClassName, nth: number, { learn, scored }: Span): Laid {
  const random = randomOf(seed, classNames.indexOf(name), nth);
  const inside = (bucket: number) => bucket >= fortnight - learn && bucket < fortnight + scored;
  const counts = countsOf(seed, random, name, nth).map((count, bucket) => (inside(bucket) ? count : null));
  const right = name.startsWith("shift") ? { from: shiftAt, to: shiftAt + day } : null;
  const order = (nth + classNames.indexOf(name)) % 2 === 0 ? ([10, 30] as const) : ([30, 10] as const);
  const half = Math.floor(scored / 2);
  const incidents = order.map((excess, which): Incident => {
    const from = fortnight + which * half + apart;
    const draw = () => from + random.whole(half - 2 * apart);
    const added = Array.from({ length: incidentLength }, () => random.poisson(excess));
    return { at: placeOf(draw, counts, right), excess, added };
  });
  const laid = [...counts];
  for (const { at, added } of incidents) {
    for (const [i, more] of added.entries()) laid[at + i] = (laid[at + i] ?? 0) + more;
  }
  return { name, nth, counts, incidents, right, laid };
}

/** Those of `gap` share one Prometheus, so it is away for all of them at once. */
function countsOf(seed: number, random: Random, name: ClassName, nth: number): Counts {
  if (name !== "gap") return classes[name](random, nth);
  const calls = [classes.steady5, classes.daily, classes.rare][nth % 3]?.(random) ?? [];
  return gapped(randomOf(seed, classNames.indexOf(name)), calls);
}

/** Where all of it is scraped, and the bucket before too; clear of a level shift. */
function placeOf(draw: () => number, counts: Counts, right: Sample["right"]): number {
  for (;;) {
    const at = draw();
    const end = at + incidentLength;
    const seen = counts.slice(at - 1, end).every((count) => count !== null);
    if (seen && (right === null || end <= right.from || at >= right.to)) return at;
  }
}

/** In one go over counts with incidents in them, as a whole run goes. Out: the polls (the bucket that just ended) at which episodes open. */
export function openings(counts: Counts, parameters: SpikeParameters): number[] {
  const state = newState();
  return counts.flatMap((count, bucket) => {
    const judgement = observe(state, bucket, count, parameters);
    return judgement.status === "judged" && judgement.opened !== null && bucket >= fortnight ? [bucket] : [];
  });
}

/** In: the polls that reported a spike in a series. Out: what of the incidents was found, and what was reported for nothing. */
export function scoreReports({ incidents, right }: Laid, polls: readonly number[]): Outcome {
  const found = incidents.map(({ at, excess }) => {
    const poll = polls.find((one) => one >= at && one < at + incidentLength);
    return { excess, poll: poll === undefined ? null : poll - at + 1 };
  });
  const caused = (poll: number) => incidents.some(({ at }) => poll >= at && poll < at + incidentLength + aftermath);
  const rest = polls.filter((poll) => !caused(poll));
  const excused = right !== null && rest.some((poll) => poll >= right.from && poll < right.to) ? 1 : 0;
  return { falseEpisodes: rest.length - excused, found };
}
