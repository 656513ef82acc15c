/** Observations → what is remembered. Pure. A known sighting is written again once a day at most, so that a quiet run is cheap. */
import type { Observation, Sighting } from "../model.ts";

/** How old `lastSeen` may grow before it is written again, ms. */
const fresh = 24 * 60 * 60_000;

/** A destination seen for the first time. */
export function firstSighting({ key, source, destination, firstSeen, lastSeen, count, total }: Observation): Sighting {
  return { key, source, destination, firstSeen, lastSeen, count: count ?? total, total, name: null, namedAt: null };
}

/**
 * The sighting as it is to be written now, or null where nothing need be: no call since it was last written (its counters add up
 * to the same), or it was written less than a day ago. Pods that came and went hide calls from `count`, which is a lower bound.
 * @param urgent write every change, as a first run does that learns
 */
export function laterSighting(known: Sighting, seen: Observation, urgent = false): Sighting | null {
  if (seen.total === known.total || (!urgent && seen.lastSeen - known.lastSeen < fresh)) return null;
  const grown = Math.max(0, seen.total - known.total);
  const address = seen.destination.address ?? known.destination.address;
  return {
    ...known,
    destination: { ...known.destination, address },
    lastSeen: Math.max(known.lastSeen, seen.lastSeen),
    count: known.count + grown,
    total: seen.total,
  };
}
