/** What a run keeps of flows beside its news: sums, memory, and names to be doubted. Pure. */
import { mostRemembered } from "../detect/fan-out.ts";
import type { Claimed, Observation, Sighting } from "../model.ts";
import type { Seen } from "../watch.ts";
import { type Doubts, mostAddresses, mostPairs } from "./claims.ts";
import { callerOf } from "./known-index.ts";
import type { Found } from "./matches.ts";

/** A flow, and what was observed of it. */
export interface Kept {
  one: Found;
  observation: Observation;
}

const day = 24 * 60 * 60_000;

/** What only logs see is written again once a day, as what metrics see. */
export function refresh(
  sightings: Map<string, Sighting>,
  known: Sighting,
  { lastSeen, count }: Observation,
  keys: ReadonlySet<string>,
): void {
  if (keys.has(known.key) || lastSeen - known.lastSeen < day) return;
  sightings.set(known.key, { ...known, lastSeen, count: known.count + (count ?? 0) });
}

/** Bare addresses are remembered beside their names, or every run would count them again; of one workload no more than of a fan-out. */
export function forgetCrowds(sightings: Map<string, Sighting>, found: readonly Found[]): void {
  const counts = new Map<string, number>();
  const bare = new Map(found.flatMap(({ poorer }) => poorer.map((one) => [one.key, one])));
  for (const { key, source, sighting } of bare.values()) {
    const caller = callerOf(source);
    const count = counts.get(caller) ?? 0;
    counts.set(caller, count + 1);
    if (sighting === null && count >= mostRemembered) sightings.delete(key);
  }
}

/** Flows that both count are one. */
export function countedKeys(
  seen: Seen,
  all: readonly Kept[],
  isKnown: (key: string) => boolean,
): Pick<Seen, "keys" | "known"> {
  const keys = new Set(seen.keys);
  let known = seen.known;
  for (const { one } of all) {
    for (const { key } of one.poorer) if (keys.delete(key) && isKnown(key)) known -= 1;
  }
  for (const { observation } of all) {
    if (!keys.has(observation.key) && isKnown(observation.key)) known += 1;
    keys.add(observation.key);
  }
  return { keys, known };
}

/** Names claimed for addresses that are not known to answer to them, as claims.ts finds them in metrics. */
export function doubtfulOf(all: readonly Kept[], already: readonly Claimed[], doubts: Doubts): Claimed[] {
  const told = new Set(already.map(({ observation, address }) => `${observation.key} ${address}`));
  return all
    .flatMap(({ one: { flow }, observation }): Claimed[] => {
      const { host } = observation.destination;
      if (host === null || flow.addresses.size >= mostAddresses) return [];
      return [...flow.addresses]
        .filter(([address]) => !told.has(`${observation.key} ${address}`) && doubts(host, address))
        .map(([address, count]) => ({ observation: { ...observation, count, addresses: [address] }, address }));
    })
    .slice(0, mostPairs);
}
