/** What each flow of an access log is known as otherwise, and which part of a metric's count is its own. Pure. */

import type { Source } from "../model.ts";
import { sightingKey } from "../observe/key.ts";
import type { Spell } from "../observe/logs/spell.ts";
import type { Flow } from "../observe/logs/tally.ts";
import type { Seen } from "../watch.ts";
import { addressKind } from "../words/address.ts";
import { type Entry, type Index, isBare } from "./known-index.ts";

/** A flow, and whose log it is from: what two logs tell of the same flow is the same twice. */
export interface LoggedFlow extends Flow {
  from: string;
  /** Its lines may come late. */
  late: boolean;
}

/** A flow with what says the same of it, and what says less. */
export interface Found {
  flow: LoggedFlow;
  same: Entry | undefined;
  poorer: Entry[];
}

/** All flows, each once. Those that are for the metrics alone to tell are left out. */
export function findAll(flows: readonly LoggedFlow[], index: Index, seen: Seen, cluster: string): Found[] {
  const tellsAddresses =
    seen.series > 0 && !seen.blind.some(({ code }) => code === "no-address" || code === "some-addresses");
  return merged(
    flows.map((flow) => adopted(flow, index)),
    cluster,
  )
    .map((flow) => ({ flow, same: nearest(index.same(flow), flow.source), poorer: poorerOf(flow, index) }))
    .filter(({ flow, same, poorer }) => {
      if (same !== undefined || poorer.length > 0) return true;
      // A private address that the metrics do not show is a pod's: they know the workload behind it, and leave it out.
      if (tellsAddresses && isPrivate(flow)) return false;
      return !isBare(flow.destination) || index.richer(flow).length === 0;
    });
}

const isPrivate = ({ proxy, destination: { host, claim, address } }: Flow): boolean =>
  proxy === "sidecar" && host === null && claim === null && address !== null && addressKind(address) === "private";

/** A line that does not tell its caller is his who alone is known to call so. */
function adopted(flow: LoggedFlow, index: Index): LoggedFlow {
  if (flow.sourced) return flow;
  const [caller, ...others] = index.callers(flow, flow.addresses.keys());
  if (caller === undefined || others.length > 0) return flow;
  const { namespace, workload } = caller;
  return { ...flow, source: { ...flow.source, namespace, workload }, sourced: namespace !== "unknown" };
}

/** Less of the same, also where the metrics know the gateway alone and the log whoever called through it. */
function poorerOf(flow: LoggedFlow, index: Index): Entry[] {
  const own = index.poorer(flow, flow.addresses.keys());
  if (flow.via === null) return own;
  const gateway = { source: flow.via, destination: flow.destination };
  return [...own, ...index.same(gateway), ...index.poorer(gateway, flow.addresses.keys())];
}

/** Of several clusters' workloads of one name the one of the log's own cluster, where it knows that. */
const nearest = (entries: readonly Entry[], { cluster }: Source): Entry | undefined =>
  entries.find((one) => one.source.cluster === cluster) ?? entries[0];

/** The same flow in two parts of one log adds up; in two logs it is the same twice, and the one that has more of it counts. */
function merged(flows: readonly LoggedFlow[], cluster: string): LoggedFlow[] {
  const all = new Map<string, Map<string, LoggedFlow>>();
  for (const flow of flows) {
    const key = sightingKey(cluster, flow.source, flow.destination) + (flow.via?.workload ?? "");
    const logs = all.get(key) ?? new Map<string, LoggedFlow>();
    all.set(key, logs);
    const before = logs.get(flow.from);
    logs.set(flow.from, before === undefined ? flow : added(before, flow));
  }
  const size = ({ now, before }: LoggedFlow) => now.count + before.count;
  return [...all.values()].flatMap((logs) => [...logs.values()].sort((a, b) => size(b) - size(a)).slice(0, 1));
}

function added(one: LoggedFlow, other: LoggedFlow): LoggedFlow {
  const addresses = new Map(one.addresses);
  for (const [address, count] of other.addresses) addresses.set(address, (addresses.get(address) ?? 0) + count);
  return { ...one, now: both(one.now, other.now), before: both(one.before, other.before), addresses };
}

const both = (one: Spell, other: Spell): Spell => ({
  count: one.count + other.count,
  firstSeen: Math.min(one.firstSeen, other.firstSeen),
  lastSeen: Math.max(one.lastSeen, other.lastSeen),
});

/**
 * How much of what the metrics counted is each flow's: all of what says the same of it or less, and where several flows are behind
 * one count (names behind one address) in the proportion of the logs, in whole calls that add up to it.
 */
export function sharesOf(found: readonly Found[]): Map<Found, number> {
  const claims = new Map<Entry, Found[]>();
  for (const one of found) {
    for (const entry of new Set([one.same, ...one.poorer])) {
      if (entry?.observation) claims.set(entry, [...(claims.get(entry) ?? []), one]);
    }
  }
  const shares = new Map<Found, number>();
  for (const [{ destination, observation }, all] of claims) {
    const weights = all.map(({ flow }) => weight(flow, destination.address));
    const whole = weights.reduce((sum, one) => sum + one, 0);
    let so = 0;
    let given = 0;
    for (const [place, one] of all.entries()) {
      so += weights[place] ?? 0;
      const upTo = Math.round(((observation?.count ?? 0) * so) / whole);
      shares.set(one, (shares.get(one) ?? 0) + upTo - given);
      given = upTo;
    }
  }
  return shares;
}

/** Calls to the address, where that is what tells; never nothing. */
function weight({ now, before, addresses }: Flow, address: string | null): number {
  const all = now.count + before.count;
  return Math.max(1, address === null ? all : (addresses.get(address) ?? all));
}
