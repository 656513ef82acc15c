/** Rows of Prometheus → observations: one for each source and destination, however many rows it came in. Pure. */
import type { Counted, Counter, Labels, Observation, Series, Source, Window } from "../model.ts";
import { sources } from "../words/sources.ts";
import { type Identity, identify, type ObserveSettings } from "./identify.ts";
import { isCount } from "./is-count.ts";

/** An observation with the label sets it came from, so that its series can be asked for again. */
export interface Sifted extends Tally {
  observation: Observation;
  rows: { counter: Counter; labels: Labels }[];
}

/** Sums by counter. */
export interface Tally {
  requests: number;
  opened: number;
  closed: number;
}

const mostAddresses = 16;

/**
 * Groups rows by source and destination; rows that are no egress, and those that count nothing, are passed over.
 * @param window its bounds stand in as first and last seen until the samples are read
 * @returns by key
 */
export function observe(
  counted: readonly Counted<Series>[],
  window: Window,
  settings: ObserveSettings,
): Map<string, Sifted> {
  const all = new Map<string, Sifted>();
  const sourceOf = sources();
  for (const { counter, series } of counted) {
    for (const { labels, value } of series) {
      const identity = value > 0 && isCount(value) ? identify(counter, labels, settings) : null;
      if (identity === null) continue;
      const row = { counter, labels };
      const known = all.get(identity.key);
      const one = known ?? begin(identity, sourceOf(identity.source), window, row);
      if (known === undefined) all.set(identity.key, one);
      else known.rows.push(row);
      tallyUp(one, counter, value);
      addAddress(one.observation, identity.destination.address);
    }
  }
  const isCounted = (counter: Counter) => counted.some((one) => one.counter === counter && one.series.length > 0);
  const twice = [
    ...(isCounted("closed") ? seenClosing(all.values()) : []),
    ...(isCounted("toGateway") ? seenTwice(all.values()) : []),
  ];
  for (const key of twice) all.delete(key);
  for (const one of all.values()) one.observation.total = calls(one, one);
  nameClusters(all.values(), settings.cluster);
  return all;
}

const sums: Readonly<Record<Counter, keyof Tally>> = {
  requests: "requests",
  dynamic: "requests",
  opened: "opened",
  closed: "closed",
  atGateway: "opened",
  toGateway: "opened",
};

/** Adds a counter's value to the sum it belongs to. */
export function tallyUp(tally: Tally, counter: Counter, value: number): void {
  tally[sums[counter]] += value;
}

/** Does the counter tell of connections through the egress gateway? */
export const isThroughGateway = (counter: Counter): boolean => counter === "atGateway" || counter === "toGateway";

/**
 * Calls out of sums by counter: the requests, or the connections opened. Connections closed are counted only where none was ever
 * counted as opened: Mixer counted a blocked connection only when it closed; today both counters do, and it must not count twice.
 * @param sums what to add up
 * @param ever sums over all time, which tell whether openings are counted here
 */
export function calls(sums: Tally, ever: Tally): number {
  return sums.requests + (ever.opened > 0 ? sums.opened : sums.closed);
}

/** Each property by name: objects that are spread together take twice the room, and there are as many as destinations. */
function begin({ key, destination }: Identity, source: Source, window: Window, row: Sifted["rows"][number]): Sifted {
  return {
    observation: {
      key,
      source,
      destination,
      addresses: [],
      total: 0,
      count: null,
      firstSeen: window.from,
      lastSeen: window.to,
      quietSince: null,
    },
    rows: [row],
    requests: 0,
    opened: 0,
    closed: 0,
  };
}

function addAddress(observation: Observation, address: string | null): void {
  const { addresses, destination } = observation;
  if (address === null || addresses.includes(address)) return;
  observation.addresses = addresses.length === 0 ? [address] : firstAddresses([...addresses, address]);
  const [first = null] = observation.addresses;
  if (first !== destination.address) observation.destination = { ...destination, address: first };
}

/** The first ones in order, not the first to come: which those are is up to the server. */
export function firstAddresses(addresses: readonly string[]): string[] {
  return [...new Set(addresses)].sort().slice(0, mostAddresses);
}

/**
 * Keys of openings without an address whose closings have one: the same connections, told twice. Mixer's well-known rule added the
 * address to the closed counter alone.
 */
function seenClosing(all: Iterable<Sifted>): string[] {
  const tcp = [...all].filter((one) => one.observation.destination.protocol === "tcp");
  const caller = ({ observation: { source, destination } }: Sifted) => JSON.stringify([source, destination.verdict]);
  const addressed = tcp.filter(({ observation, opened }) => observation.addresses.length > 0 && opened === 0);
  const callers = new Set(addressed.map(caller));
  return tcp
    .filter(({ observation, closed }) => observation.addresses.length === 0 && closed === 0)
    .filter((one) => callers.has(caller(one)))
    .map((one) => one.observation.key);
}

/**
 * Keys of what the egress gateway opened for an SNI that a workload of the same cluster sent it: the same connections, told twice. The
 * workload's are kept, since the gateway does not say who called.
 */
function seenTwice(all: Iterable<Sifted>): string[] {
  const told = (counter: Counter) => (one: Sifted) => one.rows.every((row) => row.counter === counter);
  const place = ({ observation: { source, destination } }: Sifted) =>
    JSON.stringify([source.cluster, destination.host]);
  const through = [...all].filter((one) => one.rows.some((row) => isThroughGateway(row.counter)));
  const sent = new Set(through.filter((one) => one.rows.some((row) => row.counter === "toGateway")).map(place));
  return through.filter((one) => told("atGateway")(one) && sent.has(place(one))).map((one) => one.observation.key);
}

/** `source.cluster` is the config's name, but where one Prometheus holds several clusters it is the `source_cluster` label. */
function nameClusters(all: Iterable<Sifted>, cluster: string): void {
  // Observations share their sources: this is done as often as there are workloads.
  const distinct = new Set<Source>();
  for (const { observation } of all) distinct.add(observation.source);
  const labels = new Set([...distinct].map((one) => one.cluster).filter((label) => label !== ""));
  for (const source of distinct) if (labels.size <= 1 || source.cluster === "") source.cluster = cluster;
}
