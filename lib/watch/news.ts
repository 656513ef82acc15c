/** What an access log tells that is no news, since memory has it by less or by another key. Pure. */
import type { Observation, Window } from "../model.ts";
import { callerOf, type Entry, type Index } from "./known-index.ts";
import type { Found } from "./matches.ts";

const day = 24 * 60 * 60_000;
/** A bare address that was seen so long before its first name was known before there were logs, ms. */
const ahead = 15 * 60_000;

/** Remembered already under another key: with a name that no label tells, or by a log, which knows no `source_cluster`. */
export function isKnownBetter(one: Observation, index: Index): boolean {
  if (one.quietSince !== null) return false;
  const isThere = (other: Entry) => other.sighting !== null && other.source.cluster === one.source.cluster;
  return index.richer(one).some(isThere) || index.same(one).some((other) => other.key !== one.key && isThere(other));
}

/**
 * What was known by its address alone and has a name now is no news, on the first day on which logs tell names for it. Later on another
 * name behind the same address is. So it is with whoever is behind a gateway that was known by itself.
 */
export function isNoNews({ flow, poorer }: Found, index: Index, window: Window): boolean {
  return poorer.some((one) => {
    if (one.sighting === null) return false;
    const isOwn = callerOf(one.source) === callerOf(flow.source);
    const told = (isOwn ? index.richer(one) : index.elsewhere(one)).filter(({ key }) => key !== one.key);
    const times = told.flatMap(({ sighting }) => sighting?.firstSeen ?? []);
    const first = Math.min(...times);
    return times.length === 0 || (first - one.sighting.firstSeen > ahead && window.to - first < day);
  });
}
