/** What still goes through a catch-all though a manifest in force takes it: since when, and is it worth a word? Pure. */
import type { Bypass, Observation, Window } from "../model.ts";
import type { Told } from "./known.ts";

/** What a manifest in force has to say of a call. */
export interface Taken {
  why: string;
  /** When the entry was made, ms; null where its manifest does not tell. */
  created: number | null;
}

/** What of the manifests in force takes a call, for certain; null where nothing does. */
export type Takes = (observation: Observation) => Taken | null;

/** Until a new entry has reached all proxies, and their counters Prometheus, ms. */
const grace = 2 * 60_000;
/** Of an entry whose age nobody knows, calls of the last part of the window count, which is no longer than that, ms. */
const lastPart = 15 * 60_000;

/**
 * Those that were called since the entry is at work: after it was made, or, where nobody knows when that was, towards the end of the
 * window.
 * @param isNew is a destination (by its key) told as new in this run, and with it why no manifest would help?
 */
export function bypasses(
  told: readonly Told<Taken>[],
  isNew: (key: string) => boolean,
  { from, to }: Window,
): Bypass[] {
  const late = to - Math.min(lastPart, (to - from) / 2);
  return told
    .filter(({ observation, said: { created } }) => observation.lastSeen > (created === null ? late : created + grace))
    .map(({ observation, said: { why } }) => ({ observation, why, isNew: isNew(observation.key) }));
}
