/**
 * What ids were looked up among a cluster's sightings, and what was found. An id is a hash, so to look one up is to hash every sighting:
 * that is done once, and after it for what was first seen since. Kept with the receipts, so it is looked up anew after a month. Pure.
 */
import { findingId } from "../detect/finding-id.ts";
import type { Sighting, Subject } from "../model.ts";
import { sightingKinds } from "./subjects.ts";

/** Where it is kept, in the place of a channel's name: none begins with a parenthesis. */
export const lookedUp = "(verdicts)";

/** A call may be told of so much later than it was, ms. */
const slack = 24 * 60 * 60_000;

/**
 * @param before what was kept of it, by id
 * @param at the window's beginning, ms
 * @returns the ids' subjects, and what is to be kept of those that were looked for
 */
export function lookUp(
  ids: ReadonlySet<string>,
  memory: ReadonlyMap<string, Sighting>,
  before: ReadonlyMap<string, string>,
  at: number,
): { found: Map<string, Subject>; kept: Map<string, string> } {
  const found = new Map<string, Subject>();
  const since = new Map<string, number>();
  for (const id of ids) {
    const known = read(id, before.get(id) ?? "", memory);
    if (typeof known === "number") since.set(id, known - slack);
    else found.set(id, known);
  }
  const kept = new Map<string, string>();
  for (const [id, time] of since) if (time === Number.NEGATIVE_INFINITY) kept.set(id, String(at));
  const earliest = Math.min(...since.values());
  for (const sighting of memory.values()) {
    if (since.size === 0) break;
    if (sighting.firstSeen < earliest) continue;
    const { key, source, destination } = sighting;
    for (const kind of sightingKinds) {
      const id = findingId(kind, key);
      if (!since.delete(id)) continue;
      found.set(id, { id, key, kind, source, destination });
      kept.set(id, `${kind} ${key}`);
    }
  }
  return { found, kept };
}

/** The subject, or up to when the sightings were looked through. */
function read(id: string, text: string, memory: ReadonlyMap<string, Sighting>): Subject | number {
  const kind = sightingKinds.find((one) => text.startsWith(`${one} `));
  const sighting = kind === undefined ? undefined : memory.get(text.slice(kind.length + 1));
  if (kind !== undefined && sighting !== undefined) {
    const { key, source, destination } = sighting;
    return { id, key, kind, source, destination };
  }
  return /^\d+$/.test(text) ? Number(text) : Number.NEGATIVE_INFINITY;
}
