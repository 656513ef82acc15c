/** How often what is remembered was called, where somebody asks. No I/O of its own. */
import { isTooExpensive } from "../errors.ts";
import type { Observation, Window } from "../model.ts";
import { type Count, countSamples } from "../observe/count.ts";
import type { Sifted } from "../observe/observe.ts";
import { mostSamples, usualScrape } from "../poll/poll.ts";
import type { Telemetry } from "../poll/telemetry.ts";
import { Memory } from "../words/memory.ts";
import { exactSamples } from "./claims.ts";
import { countUnknown, type WatchSettings } from "./counts.ts";

/** So many remembered destinations are counted in one slice. */
const mostCounted = 1000;

/** What somebody said of an observation, and how often it was called. */
export interface Told<Said> {
  observation: Observation;
  said: Said;
}

/**
 * What is to be said of a slice's destinations, known or new, each with its own count; those that were not called are left out.
 * @param counts of what was not remembered, by key; all else is counted here, since nobody else does
 * @param judge null where there is nothing to say
 * @param isFirst which of very many are counted rather than others
 * @returns `left`: how many more there are to say something of than were counted
 */
export async function toldOf<Said>(
  telemetry: Telemetry,
  { sifted, counts }: { sifted: ReadonlyMap<string, Sifted>; counts: ReadonlyMap<string, Count> },
  { judge, isFirst }: { judge: (observation: Observation) => Said | null; isFirst: (said: Said) => boolean },
  window: Window,
  settings: WatchSettings,
): Promise<{ found: Told<Said>[]; left: number }> {
  const judged: { one: Sifted; said: Said }[] = [];
  for (const one of sifted.values()) {
    const said = judge(one.observation);
    if (said !== null) judged.push({ one, said });
  }
  const uncounted = judged.filter(({ one }) => !counts.has(one.observation.key));
  const known = uncounted
    .sort((a, b) => Number(isFirst(b.said)) - Number(isFirst(a.said)) || compare(a.one, b.one))
    .slice(0, mostCounted)
    .map(({ one }) => one);
  const own = new Map(known.map((one) => [one.observation.key, one]));
  const all = new Map([...counts, ...(await countKnown(telemetry, own, window, settings))]);
  const found = judged.flatMap(({ one, said }) => {
    const count = all.get(one.observation.key);
    return count === undefined ? [] : [{ observation: { ...one.observation, ...count }, said }];
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
  return await countUnknown(telemetry, { unknown: known, memory: new Memory() }, { window, own: null }, settings);
}

/** Not the server's order, or which of very many are counted would change from run to run. */
const compare = (a: Sifted, b: Sifted) => (a.observation.key < b.observation.key ? -1 : 1);
