/** Names what is remembered without a name: what was learned, and what the budget of an earlier run was not enough for. */

import type { Name, Sighting } from "../model.ts";
import { addressKind } from "../words/address.ts";
import { nameAll } from "./names.ts";
import type { Naming } from "./naming.ts";

/** So many in one run: five seconds of the usual 50 questions a second. */
const mostLate = 250;
const atOnce = 50;

/**
 * Sightings with their names; those that could not be asked for stay for a later run. One batch in which nothing can be asked ends it:
 * the budget is used up, or the DNS is away. Every run begins at another one, or those for which nobody ever answers would stand in
 * the way of all others.
 */
export async function nameLate(sightings: Iterable<Sighting>, naming: Naming, now: number): Promise<Sighting[]> {
  const all = [...sightings].filter(isNameless).sort((a, b) => a.firstSeen - b.firstSeen || (a.key < b.key ? -1 : 1));
  const first = Math.floor(turn(now) * all.length);
  const due = [...all.slice(first), ...all.slice(0, first)].slice(0, mostLate);
  const named: Sighting[] = [];
  for (let from = 0; from < due.length; from += atOnce) {
    const batch = due.slice(from, from + atOnce);
    const results = await Promise.all(
      batch.map(async (one) => ({
        one,
        ...(await nameAll([{ destination: one.destination, addresses: [] }], naming)),
      })),
    );
    const answered = results.filter(({ failures }) => failures.length === 0);
    named.push(...answered.map(({ one, names }) => withName(one, names[0] ?? [], now)));
    if (answered.length === 0) break;
  }
  return named;
}

/** The sighting with the best of its names; now in ms. */
export function withName(sighting: Sighting, names: readonly Name[], now: number): Sighting {
  return { ...sighting, name: names[0] ?? null, namedAt: now };
}

/** From 0 to below 1, spread evenly over the minutes (multiples of the golden ratio). */
const turn = (now: number): number => (Math.floor(now / 60_000) * 0.618_033_988_749_895) % 1;

/** Nobody named it, and its address is one of the outside. */
function isNameless({ namedAt, destination }: Sighting): boolean {
  if (namedAt !== null || destination.host !== null || destination.address === null) return false;
  return addressKind(destination.address) === "outside";
}
