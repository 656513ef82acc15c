/** Which addresses were dialled in the window under names that are not known to answer with them. No I/O of its own. */
import type { Claimed, Counted, Samples, Window } from "../model.ts";
import { countSamples } from "../observe/count.ts";
import { withValuesBefore } from "../observe/holes.ts";
import { identify } from "../observe/identify.ts";
import type { Sifted } from "../observe/observe.ts";
import { countEach, valuesBefore } from "../poll/poll.ts";
import type { Telemetry } from "../poll/telemetry.ts";
import type { WatchSettings } from "./counts.ts";

/** Is it worth asking whether the name answers to the address? */
export type Doubts = (host: string, address: string) => boolean;

/** A name under which one workload dials more addresses is a pool: to be none of those that answer now says nothing. */
export const mostAddresses = 16;
/** So many pairs are counted in one slice. */
export const mostPairs = 500;

/** One address behind one name, as if it were all of it. */
interface Pair {
  key: string;
  address: string;
  one: Sifted;
}

/** The doubtful pairs that were called in the window, each with its own count. */
export async function doubtfulClaims(
  telemetry: Telemetry,
  sifted: ReadonlyMap<string, Sifted>,
  doubts: Doubts,
  window: Window,
  settings: WatchSettings,
): Promise<Claimed[]> {
  const all: Pair[] = [];
  for (const one of sifted.values()) {
    if (one.observation.addresses.length > 0) all.push(...pairsOf(one, doubts, settings));
  }
  const pairs = all.sort(inOrder).slice(0, mostPairs);
  if (pairs.length === 0) return [];
  const samples = await exactSamples(
    telemetry,
    pairs.flatMap(({ one }) => one.rows),
    window,
    settings,
  );
  return pairs.flatMap(({ key, address, one }) => {
    const own = samples.map((each) => ofAddress(each, address, settings));
    const count = countSamples(own, new Map([[key, one]]), window, settings).get(key);
    return count === undefined
      ? []
      : [{ observation: { ...one.observation, ...count, addresses: [address] }, address }];
  });
}

/** Not the server's order, or which of very many are asked would change from run to run. */
const inOrder = (a: Pair, b: Pair) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.address < b.address ? -1 : 1);

/** A counter that seems to begin in the window may be one that was not scraped for a while, and goes on from what it stood at. */
export async function exactSamples(
  telemetry: Telemetry,
  rows: Sifted["rows"],
  window: Window,
  settings: WatchSettings,
): Promise<Counted<Samples>[]> {
  const { samples, from } = await countEach(telemetry, rows, window, settings);
  const begin = samples.flatMap(({ series }) => series.map(({ values }) => values[0]?.[0] ?? 0));
  if (!begin.some((time) => time > window.from)) return samples;
  return withValuesBefore(samples, await valuesBefore(telemetry, rows, window, settings), from);
}

function pairsOf(one: Sifted, doubts: Doubts, settings: WatchSettings): Pair[] {
  const { key, addresses, destination } = one.observation;
  const { host } = destination;
  if (host === null || addresses.length >= mostAddresses) return [];
  return addresses
    .filter((address) => doubts(host, address))
    .map((address) => {
      const rows = one.rows.filter(
        ({ counter, labels }) => identify(counter, labels, settings)?.destination.address === address,
      );
      return { key, address, one: { ...one, rows } };
    });
}

function ofAddress({ counter, series }: Counted<Samples>, address: string, settings: WatchSettings): Counted<Samples> {
  const own = series.filter(({ labels }) => identify(counter, labels, settings)?.destination.address === address);
  return { counter, series: own };
}
