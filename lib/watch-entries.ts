/** Which calls still go through a catch-all though a manifest in force takes them, and how often. Pure. */
import { readExisting } from "./istio/in-force.ts";
import { prepare } from "./istio/route/table.ts";
import type { Bypass, ExistingObject, Observation, Sighting, Window } from "./model.ts";
import { takenBy, waysOf } from "./suggest/causes.ts";
import { meshOf, type SuggestSettings } from "./suggest/suggest.ts";
import type { Told } from "./watch-known.ts";

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

/** So many manifests that cannot be understood are told one by one. */
const mostLeftOut = 10;

/**
 * Asks the manifests in force, of every destination that a run sees.
 * @returns `warnings`: which of them cannot be understood, hence are not asked, and why
 */
export function taking(
  objects: readonly ExistingObject[],
  settings: SuggestSettings,
  memory: ReadonlyMap<string, Sighting>,
): { takes: Takes; warnings: string[] } {
  const table = prepare(readExisting(objects), meshOf(settings));
  const { entries, leftOut } = table.inForce;
  const warnings = leftOut.slice(0, mostLeftOut).map(({ what, why }) => `--existing: ${what} is left out: ${why}`);
  if (leftOut.length > mostLeftOut) warnings.push(`--existing: ${leftOut.length - mostLeftOut} more are left out`);
  if (entries.length === 0) return { takes: () => null, warnings };
  const none = new Map<string, string>();
  const takes: Takes = (observation) => {
    const taken = takenBy(waysOf(observation, none, table, memory.get(observation.key)?.name ?? null), table.inForce);
    if (taken === null) return null;
    const { entry, by, causes } = taken;
    const why = `${by}. Likely causes: ${causes.join("; ")}.`;
    return { why, created: entry.created };
  };
  return { takes, warnings };
}

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
