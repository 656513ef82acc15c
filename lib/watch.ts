/** The first half of a run: poll → observe → recall, slice by slice, and count what is not remembered. No I/O of its own. */

import type { Blindness, Bypass, Claimed, Observation, Sighting, Verdict, Violation } from "./model.ts";
import { blindSpots } from "./observe/blind.ts";
import type { Count } from "./observe/count.ts";
import { isCount } from "./observe/is-count.ts";
import { firstAddresses, isThroughGateway, observe, type Sifted } from "./observe/observe.ts";
import { poll, type Slice } from "./poll/poll.ts";
import type { Telemetry } from "./poll/telemetry.ts";
import { overlapOf, type Plan } from "./poll/window.ts";
import { firstSighting, laterSighting } from "./remember/sighting.ts";
import { nothingNew, type Store } from "./remember/store.ts";
import { bypasses, type Takes } from "./watch/bypasses.ts";
import { type Doubts, doubtfulClaims } from "./watch/claims.ts";
import { countUnknown, together, type WatchSettings } from "./watch/counts.ts";
import { type Told, toldOf } from "./watch/known.ts";
import { type Forbids, violationsIn } from "./watch/policies.ts";
import type { Log } from "./words/log.ts";
import type { Memory } from "./words/memory.ts";

/** Who has a word on what is called, known or new. */
export interface Judges {
  forbids: Forbids;
  takes: Takes;
  /** The verdict that wants a call counted; null where there is none. */
  concerning?: (observation: Observation) => Verdict | null;
}

/** What a run saw. */
export interface Seen {
  /** Rows that Prometheus returned, and sources and destinations they came to; how many of those were remembered. */
  series: number;
  keys: Set<string>;
  known: number;
  /** Those not remembered, counted over the whole window. */
  observations: Observation[];
  /** What is to be remembered. */
  sightings: Sighting[];
  blind: Blindness[];
  /** Was anything of it blocked? */
  blocked: boolean;
  /** Rows whose value no counter can have. */
  odd: number;
  /** Addresses called under names that are not known to answer with them. */
  doubtful: Claimed[];
  /** What a policy forbids, and how many more such known destinations there were than are counted. */
  violations: Violation[];
  unjudged: number;
  /** What was called past the entries in force. */
  bypasses: Bypass[];
  /** What was called that a verdict wants counted. */
  concerned: Told<Verdict>[];
  /** How many more such known destinations there were than are counted. */
  uncounted: number;
  /** How many more known destinations entries in force take than are counted. */
  unpassed: number;
  /** Keys of those that go through the egress gateway, and never past it. */
  throughGateway: Set<string>;
  /** What is to be kept of access logs that were not read, by name; null for no longer. */
  unread: ReadonlyMap<string, string | null>;
  /** What else is to be said of it. */
  warnings: string[];
}

/** What is still there may have come later than that, ms. */
const veryLate = 30 * 60_000;
/** A destination that was quiet for so long is new again, ms. */
const longQuiet = 90 * 24 * 60 * 60_000;
/** One that idles for so long is looked into, ms, as long as there are no more than so many of them. */
const idle = 7 * 24 * 60 * 60_000;
const mostIdle = 500;

/** Looks at the window for what is not remembered. */
export async function watch(
  telemetry: Telemetry,
  settings: WatchSettings,
  plan: Plan,
  memory: Memory,
  doubts: Doubts,
  { forbids = () => null, takes = () => null, concerning = () => null }: Partial<Judges> = {},
): Promise<Seen> {
  const seen = nothing();
  const fresh = new Map<string, Observation>();
  const refreshed = new Map<string, Sighting>();
  const overlap = overlapOf(plan);
  for await (const slice of poll(telemetry, plan.window, overlap, settings)) {
    const { sifted, unknown } = recalled(seen, slice, settings, memory, refreshed);
    seen.doubtful.push(...(await doubtfulClaims(telemetry, sifted, doubts, slice.window, settings)));
    // Nothing of what is unknown was counted before, so what came late for the last window belongs to this one.
    const isFirst = slice.window.from === plan.window.from;
    const span = isFirst ? { ...slice.window, from: slice.window.from - overlap } : slice.window;
    const counts = await countUnknown(telemetry, { unknown, memory }, { window: span, own: slice.window }, settings);
    if (isFirst && plan.continues) {
      // There, unknown, and did not grow: very late samples, or quiet since before anything was remembered.
      const still = new Map([...unknown].filter(([key]) => !counts.has(key) && !memory.has(key)));
      const longer = { from: slice.window.from - veryLate, to: slice.window.to };
      const more = await countUnknown(telemetry, { unknown: still, memory }, { window: longer, own: null }, settings);
      for (const [key, count] of more) counts.set(key, count);
    }
    const judged = await violationsIn(telemetry, { sifted, counts }, forbids, slice.window, settings);
    seen.violations.push(...judged.found);
    seen.unjudged = Math.max(seen.unjudged, judged.left);
    const past = { judge: takes, isFirst: () => false };
    const taken = await toldOf(telemetry, { sifted, counts }, past, slice.window, settings);
    seen.bypasses.push(...bypasses(taken.found, (key) => !memory.has(key), plan.window));
    seen.unpassed = Math.max(seen.unpassed, taken.left);
    const ruled = { judge: concerning, isFirst: ({ verdict }: Verdict) => verdict === "denied" };
    const concerned = await toldOf(telemetry, { sifted, counts }, ruled, slice.window, settings);
    seen.concerned.push(...concerned.found);
    seen.uncounted = Math.max(seen.uncounted, concerned.left);
    for (const [key, { observation }] of unknown) {
      const quietSince = memory.get(key)?.lastSeen ?? null;
      const count = counts.get(key);
      if (count !== undefined) merge(fresh, { ...observation, quietSince }, count);
    }
  }
  const all = [...fresh.values()];
  seen.observations = all.filter(isNew);
  seen.sightings = [...refreshed.values(), ...all.map((one) => seenAgain(one, memory.get(one.key)))];
  return seen;
}

/**
 * Remembers what a window's history shows, and finds nothing in it. Each slice is remembered before the next is asked for, so
 * that a first run which is cut off goes on where it was.
 */
export async function learn(
  { telemetry, store, log }: { telemetry: Telemetry; store: Store; log: Log },
  settings: WatchSettings & { dryRun: boolean },
  { window, learningSince }: Plan,
  memory: Memory,
): Promise<Seen> {
  const seen = nothing();
  for await (const slice of poll(telemetry, window, 0, settings)) {
    const sightings: Sighting[] = [];
    note(seen, slice, settings, memory, ({ observation }, known) => {
      const now = known === undefined ? firstSighting(observation) : laterSighting(known, observation, true);
      if (now !== null) sightings.push(now);
    });
    for (const one of sightings) memory.set(one.key, one);
    const progress = { end: slice.window.to, learningSince, judgedUntil: null };
    if (!settings.dryRun) await store.remember(settings.cluster, { ...nothingNew(progress), sightings });
    const share = (slice.window.to - window.from) / (window.to - window.from);
    log.progress(`learning from history: ${Math.round(100 * share)} %, ${memory.size} destinations so far`);
  }
  return seen;
}

const nothing = (): Seen => ({
  series: 0,
  keys: new Set(),
  known: 0,
  observations: [],
  sightings: [],
  blind: [],
  blocked: false,
  odd: 0,
  doubtful: [],
  violations: [],
  unjudged: 0,
  bypasses: [],
  concerned: [],
  uncounted: 0,
  unpassed: 0,
  throughGateway: new Set(),
  unread: new Map(),
  warnings: [],
});

/**
 * Observes a slice. Of it are to be counted: the unknown, and the known that were quiet for a week and are there. A pod that idles since
 * then is there as well and adds up to the same as before, just as a new one does that called as often; where there are many of those, only
 * changed sums are looked into.
 * @param refreshed gets the known that are to be written again
 */
function recalled(
  seen: Seen,
  slice: Slice,
  settings: WatchSettings,
  memory: Memory,
  refreshed: Map<string, Sighting>,
): { sifted: Map<string, Sifted>; unknown: Map<string, Sifted> } {
  const unknown = new Map<string, Sifted>();
  const quiet: { one: Sifted; isChanged: boolean }[] = [];
  const sifted = note(seen, slice, settings, memory, (one, known) => {
    const { observation } = one;
    if (known === undefined) {
      unknown.set(observation.key, one);
      return;
    }
    if (observation.lastSeen - known.lastSeen >= idle)
      quiet.push({ one, isChanged: observation.total !== known.total });
    const later = laterSighting(refreshed.get(observation.key) ?? known, observation);
    if (later !== null) refreshed.set(observation.key, later);
  });
  for (const { one, isChanged } of quiet)
    if (isChanged || quiet.length <= mostIdle) unknown.set(one.observation.key, one);
  return { sifted, unknown };
}

/** Never seen before, or not for so long that it counts as new. */
function isNew({ quietSince, firstSeen }: Observation): boolean {
  return quietSince === null || firstSeen - quietSince >= longQuiet;
}

/** What is new again is named anew as well: after so long nobody knows whether the address is still that of the name. */
function seenAgain(observation: Observation, before: Sighting | undefined): Sighting {
  const now = firstSighting(observation);
  if (before === undefined) return now;
  const { name, namedAt } = isNew(observation) ? now : before;
  return { ...now, firstSeen: before.firstSeen, count: before.count + now.count, name, namedAt };
}

/**
 * Observes a slice and adds it to what the run saw.
 * @param each gets every destination, and what is remembered of it
 */
function note(
  seen: Seen,
  slice: Slice,
  settings: WatchSettings,
  memory: Memory,
  each: (one: Sifted, known: Sighting | undefined) => void,
): Map<string, Sifted> {
  const sifted = observe(slice.counted, slice.window, settings);
  seen.series += slice.counted.reduce((sum, one) => sum + one.series.length, 0);
  seen.odd += slice.counted.reduce((sum, one) => sum + one.series.filter(({ value }) => !isCount(value)).length, 0);
  const before = seen.keys;
  for (const one of sifted.values()) {
    const { observation, rows } = one;
    const { key } = observation;
    const known = memory.get(key);
    const isFirst = !before.has(key);
    if (isFirst && known !== undefined) seen.known += 1;
    const isThrough = rows.every((row) => isThroughGateway(row.counter));
    if (!isThrough) seen.throughGateway.delete(key);
    else if (isFirst) seen.throughGateway.add(key);
    if (observation.destination.verdict === "blocked") seen.blocked = true;
    each(one, known);
  }
  if (before.size === 0) seen.keys = new Set(sifted.keys());
  else for (const key of sifted.keys()) before.add(key);
  for (const one of blindSpots(slice.counted, settings.labels)) {
    if (!seen.blind.some((other) => other.code === one.code)) seen.blind.push(one);
  }
  return sifted;
}

/** Adds a slice's count to that of the slices before it. */
function merge(fresh: Map<string, Observation>, observation: Observation, count: Count): void {
  const before = fresh.get(observation.key);
  const addresses = firstAddresses([...(before?.addresses ?? []), ...observation.addresses]);
  fresh.set(observation.key, { ...observation, addresses, ...together(before, count) });
}
