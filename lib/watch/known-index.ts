/** What metrics and memory know of sources and destinations, to be found by what an access log tells. Pure. */
import type { Destination, Observation, Sighting, Source } from "../model.ts";

/** A source and destination that is remembered, or that the metrics of this window show as new, or both. */
export interface Entry {
  key: string;
  source: Source;
  destination: Destination;
  sighting: Sighting | null;
  observation: Observation | null;
}

type Call = Pick<Entry, "source" | "destination">;

export interface Index {
  /** The same destination, called by the same workload; HTTP and gRPC are one, since a log seldom tells them apart. */
  same(call: Call): Entry[];
  /** Those that say less of the same: no name, no address, or a port that is a guess. `addresses`: all that are behind the call. */
  poorer(call: Call, addresses: Iterable<string>): Entry[];
  /** Those that say more of the same: an address without a name is the address of one with it. */
  richer(call: Call): Entry[];
  /** The same destination, called by others. */
  elsewhere(call: Call): Entry[];
  /** Who calls so; the workload and namespace left open where they are `unknown`. */
  callers(call: Call, addresses: Iterable<string>): Source[];
}

const isHttp = ({ protocol }: Destination) => protocol === "http" || protocol === "grpc";
/** A connection of which nobody wrote a name. */
export const isBare = ({ protocol, host, claim }: Destination): boolean =>
  protocol === "tcp" && host === null && claim === null;
/** Where no label tells the port, it is the one in the Host, or 80. */
const isGuessed = (destination: Destination) => isHttp(destination) && destination.address === null;

/** Namespace and workload, in one text. */
export const callerOf = ({ namespace, workload }: Source): string => `${namespace}/${workload}`;
const whereTo = ({ host, claim, address }: Destination): string =>
  host ?? (claim === null ? `${address}` : `"${claim}"`);

function place(destination: Destination): string {
  const { verdict, protocol, port, sni } = destination;
  return JSON.stringify([verdict, isHttp(destination) ? "http" : protocol, whereTo(destination), port, sni]);
}

const at = (verdict: string, address: string | null, port: number | null): string => `${verdict} ${address} ${port}`;
const hosted = (destination: Destination): string => `${destination.verdict} ${whereTo(destination)}`;

/** @param entries each once */
export function indexOf(entries: Iterable<Entry>): Index {
  const same = new Lists<Entry>();
  const bare = new Lists<Entry>();
  const rich = new Lists<Entry>();
  const guessed = new Lists<Entry>();
  const asked = new Lists<Entry>();
  const places = new Lists<Entry>();
  const callers = new Lists<Source>();
  const workloads = new Lists<Source>();
  for (const entry of entries) {
    const { source, destination } = entry;
    const { verdict, address, port } = destination;
    const who = callerOf(source);
    same.add(`${who} ${place(destination)}`, entry);
    places.add(place(destination), entry);
    workloads.add(source.workload, source);
    if (isHttp(destination)) {
      asked.add(`${who} ${hosted(destination)}`, entry);
      if (isGuessed(destination)) guessed.add(`${who} ${hosted(destination)}`, entry);
      continue;
    }
    callers.add(at(verdict, address, port), source);
    if (isBare(destination)) bare.add(`${who} ${at(verdict, address, port)}`, entry);
    else rich.add(`${who} ${at(verdict, address, port)}`, entry);
    // One without any label of the address is the address of all the others.
    if (address !== null) rich.add(`${who} ${at(verdict, null, null)}`, entry);
  }
  return {
    same: ({ source, destination }) => same.of(`${callerOf(source)} ${place(destination)}`),
    poorer({ source, destination }, addresses) {
      const who = callerOf(source);
      if (isHttp(destination)) {
        const { port } = destination;
        return guessed.of(`${who} ${hosted(destination)}`).filter((one) => one.destination.port !== port);
      }
      return lessThan(destination, addresses).flatMap((one) => bare.of(`${who} ${one}`));
    },
    richer({ source, destination }) {
      const who = callerOf(source);
      const { verdict, address, port } = destination;
      if (isBare(destination)) return rich.of(`${who} ${at(verdict, address, address === null ? null : port)}`);
      if (!isGuessed(destination)) return [];
      return asked.of(`${who} ${hosted(destination)}`).filter((one) => !isGuessed(one.destination));
    },
    elsewhere: ({ source, destination }) =>
      places.of(place(destination)).filter((one) => callerOf(one.source) !== callerOf(source)),
    callers({ source, destination }, addresses) {
      const { verdict, port } = destination;
      const fits = ({ namespace, workload }: Source) =>
        namespace !== "unknown" &&
        workload !== "unknown" &&
        (source.namespace === "unknown" || source.namespace === namespace) &&
        (source.workload === "unknown" || source.workload === workload);
      const known = source.workload === "unknown" ? [] : workloads.of(source.workload);
      const there = isHttp(destination)
        ? places.of(place(destination)).map((one) => one.source)
        : [...addresses].flatMap((address) => callers.of(at(verdict, address, port)));
      const exact = there.filter(fits);
      return once(exact.length > 0 ? exact : known.filter(fits));
    },
  };
}

/** Where the metrics have less than a connection's address, port and name. */
function lessThan({ verdict, address, port, ...rest }: Destination, addresses: Iterable<string>): string[] {
  const all = [...new Set([...(address === null ? [] : [address]), ...addresses])];
  const named = isBare({ verdict, address, port, ...rest }) ? [] : all.map((one) => at(verdict, one, port));
  const less = port === null ? [] : all.map((one) => at(verdict, one, null));
  return [...named, ...less, ...(all.length === 0 ? [] : [at(verdict, null, port), at(verdict, null, null)])];
}

const once = (sources: readonly Source[]): Source[] => [
  ...new Map(sources.map((one) => [callerOf(one), one])).values(),
];

class Lists<T> {
  readonly #lists = new Map<string, T[]>();

  add(key: string, value: T): void {
    const list = this.#lists.get(key);
    if (list === undefined) this.#lists.set(key, [value]);
    else list.push(value);
  }

  of = (key: string): T[] => this.#lists.get(key) ?? [];
}
