/** Flows of access logs and observations of metrics → each flow once, with the most that either tells of it. The rules are in docs/logs.md. Pure. */
import { mostRemembered } from "./detect/fan-out.ts";
import type { Claimed, Observation, Sighting, Window } from "./model.ts";
import { sightingKey } from "./observe/key.ts";
import { firstAddresses } from "./observe/observe.ts";
import { firstSighting } from "./remember/sighting.ts";
import type { Seen } from "./watch.ts";
import type { Doubts } from "./watch-claims.ts";
import { callerOf, type Entry, type Index, indexOf, isBare } from "./watch-index.ts";
import { type Found, findAll, type LoggedFlow, sharesOf } from "./watch-matches.ts";

export interface JoinOrder {
  cluster: string;
  window: Window;
  /** The window begins where the last run ended. */
  continues: boolean;
  doubts: Doubts;
}

export interface Joined {
  seen: Pick<Seen, "observations" | "sightings" | "keys" | "known" | "doubtful">;
  /** Flows that are found new, and how many there are of which nobody knows who called. */
  fresh: Found[];
  unsourced: number;
}

const day = 24 * 60 * 60_000;
/** A bare address that was seen so long before its first name was known before there were logs, ms. */
const ahead = 15 * 60_000;
/** A destination that was quiet for so long is new again, ms; as in watch.ts. */
const longQuiet = 90 * day;
/** Pairs of a name and an address that are worth a doubt in one run; as in watch-claims.ts. */
const mostPairs = 500;
const mostAddresses = 16;

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
  const all = found.flatMap((one) => {
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
  const spells = [flow.now, ...(flow.late && order.continues ? [flow.before] : [])].filter(({ count }) => count > 0);
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

/** Remembered already under another key: with a name that no label tells, or by a log, which knows no `source_cluster`. */
function isKnownBetter(one: Observation, index: Index): boolean {
  if (one.quietSince !== null) return false;
  const isThere = (other: Entry) => other.sighting !== null && other.source.cluster === one.source.cluster;
  return index.richer(one).some(isThere) || index.same(one).some((other) => other.key !== one.key && isThere(other));
}

/**
 * What was known by its address alone and has a name now is no news, on the first day on which logs tell names for it. Later on another
 * name behind the same address is. So it is with whoever is behind a gateway that was known by itself.
 */
function isNoNews({ flow, poorer }: Found, index: Index, window: Window): boolean {
  return poorer.some((one) => {
    if (one.sighting === null) return false;
    const isOwn = callerOf(one.source) === callerOf(flow.source);
    const told = (isOwn ? index.richer(one) : index.elsewhere(one)).filter(({ key }) => key !== one.key);
    const times = told.flatMap(({ sighting }) => sighting?.firstSeen ?? []);
    const first = Math.min(...times);
    return times.length === 0 || (first - one.sighting.firstSeen > ahead && window.to - first < day);
  });
}

/** What only logs see is written again once a day, as what metrics see. */
function refresh(
  sightings: Map<string, Sighting>,
  known: Sighting,
  { lastSeen, count }: Observation,
  keys: ReadonlySet<string>,
): void {
  if (keys.has(known.key) || lastSeen - known.lastSeen < day) return;
  sightings.set(known.key, { ...known, lastSeen, count: known.count + (count ?? 0) });
}

/** Bare addresses are remembered beside their names, or every run would count them again; of one workload no more than of a fan-out. */
function forgetCrowds(sightings: Map<string, Sighting>, found: readonly Found[]): void {
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
function countedKeys(
  seen: Seen,
  all: readonly { one: Found; observation: Observation }[],
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

/** Names claimed for addresses that are not known to answer to them, as watch-claims.ts finds them in metrics. */
function doubtfulOf(
  all: readonly { one: Found; observation: Observation }[],
  already: readonly Claimed[],
  doubts: Doubts,
): Claimed[] {
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
