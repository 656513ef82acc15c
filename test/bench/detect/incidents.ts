/** Series with incidents laid over them. */
import { type ClassName, classes, classNames, shiftAt } from "./classes.ts";
import { randomOf } from "./random.ts";
import { type Counts, day, fortnight, length } from "./time.ts";

/** Calls that an incident adds to each bucket on average, and for how many buckets: half an hour. */
export const excesses = [3, 10, 30] as const;
export const incidentLength = 6;

export type Excess = (typeof excesses)[number];

export interface Incident {
  at: number;
  excess: Excess;
  /** Calls added from there on, bucket by bucket. */
  added: number[];
}

export interface Sample {
  name: ClassName;
  counts: Counts;
  incidents: Incident[];
  /** Buckets in which one finding is right: a level shift was there to be found. */
  right: { from: number; to: number } | null;
}

/** A level shift is over for a detector after twelve hours at most; a day keeps incidents clear of it. */
const settling = day;

/**
 * One series of a class, with `places` incidents of each size, all in the second fortnight. Every incident is thought of alone: none has
 * happened before it. In: a seed, the class, which of its series, and how many places. Out: always the same for the same.
 */
export function sampleOf(seed: number, name: ClassName, nth: number, places: number): Sample {
  const random = randomOf(seed, classNames.indexOf(name), nth);
  const counts = classes[name](random, nth);
  const right = name.startsWith("shift") ? { from: shiftAt, to: shiftAt + settling } : null;
  const incidents = Array.from({ length: places }, () => {
    const at = placeOf(() => fortnight + random.whole(length - fortnight - incidentLength), counts, right);
    return excesses.map((excess) => ({
      at,
      excess,
      added: Array.from({ length: incidentLength }, () => random.poisson(excess)),
    }));
  });
  return { name, counts, incidents: incidents.flat(), right };
}

/** A place where all of an incident is scraped, since what is not scraped nobody can find, and clear of a level shift. */
function placeOf(draw: () => number, counts: Counts, right: Sample["right"]): number {
  for (;;) {
    const at = draw();
    const seen = counts.slice(at, at + incidentLength).every((count) => count !== null);
    if (seen && (right === null || at + incidentLength <= right.from || at >= right.to)) return at;
  }
}
