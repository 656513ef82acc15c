/** How often what is not remembered was called: exact, by few questions, in parts where the server finds one too much. No I/O of its own. */
import { mostRemembered } from "../detect/fan-out.ts";
import { isTooExpensive } from "../errors.ts";
import type { Counted, Series, Window } from "../model.ts";
import { type Count, countGrowth, countSamples } from "../observe/count.ts";
import { withValuesBefore } from "../observe/holes.ts";
import { identify, type ObserveSettings } from "../observe/identify.ts";
import type { Sifted } from "../observe/observe.ts";
import { bornIn, count, countEach, valuesBefore } from "../poll/poll.ts";
import type { QuerySettings } from "../poll/queries.ts";
import type { Telemetry } from "../poll/telemetry.ts";
import type { Memory } from "../words/memory.ts";

export type WatchSettings = ObserveSettings & QuerySettings;

type Unknown = ReadonlyMap<string, Sifted>;
type Counts = Map<string, Count>;
type Ask = (telemetry: Telemetry, unknown: Unknown, window: Window, settings: WatchSettings) => Promise<Counts>;

/** What is no longer is not halved, ms: then the server is at fault. */
const shortest = 5 * 60_000;

/**
 * Counts by key, of those that were called in the window.
 * @param window what was never seen before is counted in it; it may reach back into the window before, for what came late
 * @param own the window itself: of a source that called more than is remembered, what is unknown may have been counted before.
 *   Null leaves those out
 */
export async function countUnknown(
  telemetry: Telemetry,
  { unknown, memory }: { unknown: Unknown; memory: Memory },
  { window, own }: { window: Window; own: Window | null },
  settings: WatchSettings,
): Promise<Counts> {
  const [crowded, others] = split(unknown, memory);
  const counts = await inParts(grown, telemetry, others, window, settings);
  const back = new Map([...others].filter(([key]) => memory.has(key) && counts.has(key)));
  for (const key of back.keys()) counts.delete(key);
  return new Map([
    ...counts,
    ...(await inParts(grownSinceLong, telemetry, back, window, settings)),
    ...(own === null ? [] : await inParts(born, telemetry, crowded, own, settings)),
  ]);
}

/** The same by halves where the whole is too expensive. */
async function inParts(
  ask: Ask,
  telemetry: Telemetry,
  unknown: Unknown,
  window: Window,
  settings: WatchSettings,
): Promise<Counts> {
  if (unknown.size === 0) return new Map();
  try {
    return await ask(telemetry, unknown, window, settings);
  } catch (thrown) {
    if (!isTooExpensive(thrown) || window.to - window.from <= shortest) throw thrown;
    const middle = window.from + Math.ceil((window.to - window.from) / 2);
    const counts = await inParts(ask, telemetry, unknown, { from: window.from, to: middle }, settings);
    for (const [key, later] of await inParts(ask, telemetry, unknown, { from: middle, to: window.to }, settings)) {
      counts.set(key, together(counts.get(key), later));
    }
    return counts;
  }
}

/** What is counted in two spans of time, one after the other. */
export function together(before: (Omit<Count, "count"> & { count: number | null }) | undefined, later: Count): Count {
  return {
    count: (before?.count ?? 0) + later.count,
    firstSeen: Math.min(before?.firstSeen ?? later.firstSeen, later.firstSeen),
    lastSeen: Math.max(before?.lastSeen ?? later.lastSeen, later.lastSeen),
  };
}

const grown: Ask = async (telemetry, unknown, window, settings) => {
  const counts = await count(telemetry, rowsOf(unknown), window, settings);
  if ("samples" in counts) return countSamples(counts.samples, unknown, window, settings);
  const keys = keysOf(counts.reset, settings);
  const reset = new Map([...unknown].filter(([key]) => keys.has(key)));
  const exact = await countEach(telemetry, rowsOf(reset), window, settings);
  return new Map([
    ...countGrowth(counts.growth, unknown, window, settings),
    ...countSamples(exact.samples, reset, window, settings),
  ]);
};

/** Those known for long: a pod that idled, was not scraped for a while and is there again did not call. */
const grownSinceLong: Ask = async (telemetry, unknown, window, settings) => {
  const rows = rowsOf(unknown);
  const [exact, before] = [
    await countEach(telemetry, rows, window, settings),
    await valuesBefore(telemetry, rows, window, settings),
  ];
  return countSamples(withValuesBefore(exact.samples, before, exact.from), unknown, window, settings);
};

/** Of sources of which not all is remembered: only what they call for the first time. */
const born: Ask = async (telemetry, unknown, window, settings) => {
  const keys = keysOf(await bornIn(telemetry, rowsOf(unknown), window, settings), settings);
  const newborn = new Map([...unknown].filter(([key]) => keys.has(key)));
  return newborn.size === 0 ? new Map() : await grown(telemetry, newborn, window, settings);
};

function keysOf(rows: readonly Counted<Series>[], settings: WatchSettings): Set<string | undefined> {
  return new Set(
    rows.flatMap(({ counter, series }) => series.map(({ labels }) => identify(counter, labels, settings)?.key)),
  );
}

const rowsOf = (unknown: Unknown) => [...unknown.values()].flatMap((one) => one.rows);

/** What may have been seen before and forgotten, since not every destination of its source is remembered, and the rest. */
function split(unknown: Unknown, memory: Memory): [crowded: Map<string, Sifted>, others: Map<string, Sifted>] {
  const parts: [Map<string, Sifted>, Map<string, Sifted>] = [new Map(), new Map()];
  for (const [key, one] of unknown) {
    const isCrowded = !memory.has(key) && memory.countOf(one.observation.source) >= mostRemembered;
    parts[isCrowded ? 0 : 1].set(key, one);
  }
  return parts;
}
