/** Flows of access logs and observations of metrics → each flow once, with the most that either tells of it. The rules are in docs/logs.md. Pure. */
import type { Observation, Sighting, Window } from "../model.ts";
import { sightingKey } from "../observe/key.ts";
import { firstAddresses } from "../observe/observe.ts";
import { firstSighting } from "../remember/sighting.ts";
import type { Seen } from "../watch.ts";
import type { Doubts } from "./claims.ts";
import { countedKeys, doubtfulOf, forgetCrowds, type Kept, refresh } from "./kept.ts";
import { type Entry, indexOf, isBare } from "./known-index.ts";
import { type Found, findAll, type LoggedFlow, sharesOf } from "./matches.ts";
import { isKnownBetter, isNoNews } from "./news.ts";

export interface JoinOrder {
  cluster: string;
  window: Window;
  /** The window begins where the last run ended. */
  continues: boolean;
  doubts: Doubts;
}

export interface Joined {
  seen: Pick<Seen, "observations" | "sightings" | "keys" | "known" | "doubtful">;
  /** All flows that were called, each with its observation, and the keys of observations of metrics that they tell better. */
  kept: readonly Kept[];
  explained: ReadonlySet<string>;
  /** Flows that are found new, and how many there are of which nobody knows who called. */
  fresh: Found[];
  unsourced: number;
}

const day = 24 * 60 * 60_000;
/** A destination that was quiet for so long is new again, ms; as in watch.ts. */
const longQuiet = 90 * day;

/** @param seen of the metrics; what access logs tell better is left out of it */
export function joinFlows(
  flows: readonly LoggedFlow[],
  seen: Seen,
  memory: ReadonlyMap<string, Sighting>,
  order: JoinOrder,
): Joined {
  const index = indexOf(entriesOf(seen.observations, memory));
  const found = findAll(flows, index, seen, order.cluster);
  const shares = sharesOf(found);
  const told = new Set(found.flatMap(({ same, poorer }) => [same, ...poorer].flatMap((one) => one?.key ?? [])));
  const observations = seen.observations.filter((one) => !told.has(one.key) && !isKnownBetter(one, index));
  const sightings = new Map(seen.sightings.map((one) => [one.key, one]));
  const all = found.flatMap((one): Kept[] => {
    const observation = observed(one, shares.get(one) ?? 0, order);
    return observation === null ? [] : [{ one, observation }];
  });
  const fresh: Found[] = [];
  const silent = new Set<string>();
  for (const { one, observation } of all) {
    const known = one.same?.sighting ?? null;
    const isKnown = known !== null && observation.quietSince === null;
    if (isKnown) refresh(sightings, known, observation, seen.keys);
    else if (!sightings.has(observation.key)) sightings.set(observation.key, firstSighting(observation));
    if (!isKnown && isNoNews(one, index, order.window)) silent.add(observation.key);
    if (isKnown || silent.has(observation.key)) continue;
    observations.push(observation);
    fresh.push(one);
  }
  forgetCrowds(sightings, found);
  return {
    seen: {
      observations,
      sightings: [...sightings.values()],
      ...countedKeys(seen, all, (key) => memory.has(key) || silent.has(key)),
      doubtful: [...seen.doubtful, ...doubtfulOf(all, seen.doubtful, order.doubts)],
    },
    kept: all,
    explained: told,
    fresh,
    unsourced: found.filter(({ flow }) => !flow.sourced).length,
  };
}

/** Of all sightings those that are more than a bare address of which another one tells the name. */
export function withoutExplained(all: readonly Sighting[]): Sighting[] {
  const index = indexOf(entriesOf([], new Map(all.map((one) => [one.key, one]))));
  const isExplained = (one: Sighting) =>
    isBare(one.destination) && index.richer(one).some((other) => !isBare(other.destination));
  return all.filter((one) => !isExplained(one));
}

function entriesOf(observations: readonly Observation[], memory: ReadonlyMap<string, Sighting>): Iterable<Entry> {
  const entries = new Map<string, Entry>();
  for (const sighting of memory.values()) {
    const { key, source, destination } = sighting;
    entries.set(key, { key, source, destination, sighting, observation: null });
  }
  for (const observation of observations) {
    const { key, source, destination } = observation;
    entries.set(key, { key, source, destination, sighting: memory.get(key) ?? null, observation });
  }
  return entries.values();
}

/** Null where nothing of it was called in the window. */
function observed({ flow, same, poorer }: Found, share: number, order: JoinOrder): Observation | null {
  // What is remembered was seen by the run before, and so may have been what the log has of that time.
  const isLate = flow.late && order.continues && (same?.sighting ?? null) === null;
  const spells = [flow.now, ...(isLate ? [flow.before] : [])].filter(({ count }) => count > 0);
  const logged = spells.reduce((sum, { count }) => sum + count, 0);
  const count = Math.max(logged, share);
  if (count === 0) return null;
  const counted = [same, ...poorer].flatMap((one) => one?.observation ?? []);
  const times = share > 0 || spells.length === 0 ? [...spells, ...counted] : spells;
  const firstSeen = Math.min(...times.map((one) => one.firstSeen));
  const addresses = firstAddresses([...flow.addresses.keys(), ...(same?.observation?.addresses ?? [])]);
  const destination = same?.destination ?? flow.destination;
  const source = same?.source ?? { ...flow.source, cluster: poorer[0]?.source.cluster ?? order.cluster };
  const lastKnown = same?.sighting?.lastSeen ?? null;
  return {
    key: same?.key ?? sightingKey(order.cluster, flow.source, destination),
    source,
    destination: { ...destination, address: addresses[0] ?? destination.address },
    addresses,
    total: same?.observation?.total ?? count,
    count,
    firstSeen,
    lastSeen: Math.max(...times.map((one) => one.lastSeen)),
    quietSince: lastKnown !== null && firstSeen - lastKnown >= longQuiet ? lastKnown : null,
  };
}
