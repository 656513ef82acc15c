/** What the policies forbid of all that was called in the window, known or new, and how often. No I/O of its own. */
import { nameAll } from "./enrich/names.ts";
import type { Naming } from "./enrich/naming.ts";
import { isTooExpensive } from "./errors.ts";
import type { Destination, Observation, Sighting, Source, Violation, Window } from "./model.ts";
import { type Count, countSamples } from "./observe/count.ts";
import type { Sifted } from "./observe/observe.ts";
import { confirmedOf, type Decision, type Policies } from "./policy/index.ts";
import type { Telemetry } from "./poll/telemetry.ts";
import { exactSamples } from "./watch-claims.ts";
import { countUnknown, type WatchSettings } from "./watch-counts.ts";

/** The decision that forbids a call; null where nothing does, as far as its names are known by now. */
export type Forbids = (call: { key: string; source: Source; destination: Destination }) => Decision | null;

/** So many remembered destinations are counted in one slice. */
const mostCounted = 1000;
/** Samples are fetched for so many rows and scrapes (ms apart) at most. */
const mostSamples = 1_000_000;
const usualScrape = 15_000;
/** So many new addresses are named before the detectors look: five seconds of the usual 50 questions a second. */
const mostNamed = 250;

/** Judges by Host and SNI, and a bare address by what is known of it: remembered names, the forward index, entries in force. */
export function forbidding(policies: Policies, memory: ReadonlyMap<string, Sighting>, naming: Naming): Forbids {
  const known = new Map<string, string[]>();
  const namesAt = (address: string): string[] => {
    const names = known.get(address) ?? [
      ...naming.hostsAt(address).map((one) => one.host),
      ...naming.entriesAt(address).flatMap((entry) => entry.hosts.filter((host) => !host.startsWith("*"))),
    ];
    known.set(address, names);
    return names;
  };
  return ({ key, source, destination }) => {
    const { host, claim, address } = destination;
    if (policies.all.length === 0) return null;
    const isBare = host === null && claim === null && address !== null;
    const confirmed = isBare ? [...confirmedOf([memory.get(key)?.name ?? null]), ...namesAt(address)] : [];
    return policies.forbids(source, destination, confirmed);
  };
}

/**
 * The violations of a slice, each with its own count.
 * @param counts of what was not remembered, by key; all else is counted here, since nobody else does
 * @returns `left`: how many more destinations may violate a policy than were counted
 */
export async function violationsIn(
  telemetry: Telemetry,
  { sifted, counts }: { sifted: ReadonlyMap<string, Sifted>; counts: ReadonlyMap<string, Count> },
  forbids: Forbids,
  window: Window,
  settings: WatchSettings,
): Promise<{ found: Violation[]; left: number }> {
  const judged = [...sifted.values()].flatMap((one) => {
    const decision = forbids(one.observation);
    return decision === null ? [] : [{ one, decision }];
  });
  const uncounted = judged.filter(({ one }) => !counts.has(one.observation.key));
  const known = uncounted
    .sort((a, b) => Number(isDeny(b.decision)) - Number(isDeny(a.decision)) || compare(a.one, b.one))
    .slice(0, mostCounted)
    .map(({ one }) => one);
  const own = new Map(known.map((one) => [one.observation.key, one]));
  const all = new Map([...counts, ...(await countKnown(telemetry, own, window, settings))]);
  const found = judged.flatMap(({ one, decision }) => {
    const count = all.get(one.observation.key);
    return count === undefined ? [] : [violation({ ...one.observation, ...count }, decision)];
  });
  return { found, left: uncounted.length - known.length };
}

/** Exact from stored samples; where those are too many for that, as what is new is counted. */
async function countKnown(
  telemetry: Telemetry,
  known: ReadonlyMap<string, Sifted>,
  window: Window,
  settings: WatchSettings,
): Promise<Map<string, Count>> {
  const rows = [...known.values()].flatMap((one) => one.rows);
  if (rows.length === 0) return new Map();
  const isFew = rows.length * ((window.to - window.from) / usualScrape) <= mostSamples;
  try {
    if (isFew) return countSamples(await exactSamples(telemetry, rows, window, settings), known, window, settings);
  } catch (thrown) {
    if (!isTooExpensive(thrown)) throw thrown;
  }
  return await countUnknown(telemetry, { unknown: known, memory: new Map() }, { window, own: null }, settings);
}

/** Not the server's order, or which of very many are counted would change from run to run. */
const compare = (a: Sifted, b: Sifted) => (a.observation.key < b.observation.key ? -1 : 1);

/**
 * Those among new bare addresses whose names the DNS confirms now and a policy forbids. What is asked here is not asked again when the
 * findings are named; more addresses than that are judged in the next run, when they are remembered with their names.
 */
export async function lateViolations(
  observations: readonly Observation[],
  found: readonly Violation[],
  policies: Policies,
  naming: Naming,
): Promise<Violation[]> {
  if (policies.all.length === 0) return [];
  const already = new Set(found.map((one) => one.observation.key));
  const bare = observations
    .filter(
      ({ key, destination: { host, claim, address } }) =>
        host === null && claim === null && address !== null && !already.has(key),
    )
    .slice(0, mostNamed);
  const { names } = await nameAll(bare, naming);
  return bare.flatMap((one, index) => {
    const decision = policies.forbids(one.source, one.destination, confirmedOf(names[index] ?? []));
    return decision === null ? [] : [violation(one, decision)];
  });
}

const isDeny = ({ list }: Decision): boolean => list === "deny";

const violation = (observation: Observation, decision: Decision): Violation => ({
  observation,
  isDenied: isDeny(decision),
  why: decision.why,
});
