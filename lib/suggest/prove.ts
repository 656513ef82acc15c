/** Manifests against the model of Istio's routing, before anybody is told to apply them: what each takes of what was seen, and whom it would cut off. Pure. */
import { readInForce, type ServiceEntry } from "../istio/in-force.ts";
import { type Conflict, type Coverage, covers, type FlowCovered } from "../istio/route/covers.ts";
import { exportedTo } from "../istio/route/export-to.ts";
import { type Flow, nameOf } from "../istio/route/flow.ts";
import type { RouteTable } from "../istio/route/table.ts";
import type { Manifest } from "../model.ts";
import { flowsAbout, type Judged } from "./about.ts";
import type { Reach, Seen } from "./flows.ts";

/** What comes of a proposed manifest. */
export interface Proof {
  /** Flows seen that its hosts or addresses are about, and how many of those it takes to where they are meant to go. */
  seen: number;
  covered: number;
  /** Why those are not; at most a few, for people. */
  missed: string[];
  /** What it would take from others: then nobody should apply it. */
  harm: string[];
  /** Why the model cannot tell what one of its entries does; null where it can. */
  unread: string | null;
  /** What comes to it from another entry in force, and arrives. */
  moved: string[];
  /** What becomes of a flow, by its sighting's key: before and with the manifest. */
  of: (key: string) => readonly FlowCovered[];
}

/** A proposed manifest, of one object or of several, as the model reads it. */
export interface Candidate {
  objects: readonly Manifest[];
  entries: readonly ServiceEntry[];
  unread: string | null;
}

const mostTold = 3;

/**
 * Proves manifests that may all be applied together. One that does harm is taken out, and the others are looked at without it. In: no two
 * of them hold an object of one name. Out: a proof for each, in their order. Throws nothing.
 */
export function prove(all: readonly Candidate[], seen: readonly Seen[], before: RouteTable): Proof[] {
  const reach = reachOf(all);
  const near = seen.filter(({ flows }) => flows.some(({ source, port }) => reach.at(source.namespace, port)));
  const harms = new Map<Candidate, string[]>();
  for (let standing = all; ; ) {
    const coverage = tried(standing, near, before);
    const harm = coverage.conflicts.filter(isHarm);
    if (harm.length === 0) {
      const judged = byKey(near, coverage);
      return proofsOf(all, harms, coverage, judged);
    }
    const found = blamed(harm, standing);
    const guilty = found.size > 0 ? found : new Map(halved(standing, near, before).map((one) => [one, harm]));
    for (const [one, why] of guilty) harms.set(one, [...new Set(why.map((conflict) => conflict.why))]);
    standing = standing.filter((one) => !guilty.has(one));
  }
}

export function candidate(objects: readonly Manifest[]): Candidate {
  const { entries, leftOut } = readInForce(objects);
  const asked = objects.filter(({ kind }) => kind === "ServiceEntry").length;
  const [first] = leftOut;
  return { objects, entries, unread: entries.length === asked ? null : (first?.why ?? "nothing is known of it") };
}

const isHarm = (conflict: Conflict): boolean => conflict.kind !== "moved";

const tried = (standing: readonly Candidate[], near: readonly Seen[], before: RouteTable): Coverage =>
  covers(
    near.flatMap((one) => one.flows),
    before,
    standing.flatMap((one) => one.objects),
  );

/** Only flows on the ports of the proposed entries, from where one of them is seen, can go another way. */
export function reachOf(all: readonly Candidate[]): Reach {
  const anywhere = new Set<number>();
  const places = new Map<number, Set<string>>();
  for (const entry of all.flatMap((one) => one.entries)) {
    const to = exportedTo(entry);
    for (const { number } of entry.ports) {
      const from = places.get(number) ?? new Set();
      places.set(number, from);
      if (to === "all") anywhere.add(number);
      else for (const namespace of to) from.add(namespace);
    }
  }
  const spaces = new Set([...places.values()].flatMap((from) => [...from]));
  return {
    from: (namespace) => anywhere.size > 0 || spaces.has(namespace),
    at: (namespace, port) => anywhere.has(port) || places.get(port)?.has(namespace) === true,
  };
}

/** The proposed manifests that conflicts name, with those conflicts. */
function blamed(harm: readonly Conflict[], standing: readonly Candidate[]): Map<Candidate, Conflict[]> {
  const owners = new Map(standing.flatMap((one) => one.entries.map((entry) => [nameOf(entry), one] as const)));
  const found = new Map<Candidate, Conflict[]>();
  for (const conflict of harm) {
    const by = conflict.kind === "shadowed" ? conflict.by : conflict.after.to === "entry" ? conflict.after.entry : null;
    const one = by === null ? undefined : owners.get(nameOf(by));
    if (one !== undefined) found.set(one, [...(found.get(one) ?? []), conflict]);
  }
  return found;
}

/** The manifests that do harm, found by halves; of several that do so only together, the last. */
function halved(standing: readonly Candidate[], near: readonly Seen[], before: RouteTable): Candidate[] {
  if (standing.length === 1) return [...standing];
  const middle = Math.ceil(standing.length / 2);
  const parts = [standing.slice(0, middle), standing.slice(middle)];
  const found = parts.flatMap((part) =>
    tried(part, near, before).conflicts.some(isHarm) ? halved(part, near, before) : [],
  );
  return found.length > 0 ? found : standing.slice(-1);
}

function byKey(near: readonly Seen[], { flows }: Coverage): Judged {
  const byFlow = new Map(flows.map((one) => [one.flow, one]));
  return new Map(near.map(({ key, flows: own }) => [key, own.flatMap((flow) => byFlow.get(flow) ?? [])]));
}

function proofsOf(
  all: readonly Candidate[],
  harms: ReadonlyMap<Candidate, string[]>,
  { conflicts }: Coverage,
  judged: Judged,
): Proof[] {
  const about = flowsAbout(all, judged);
  const moved = Map.groupBy(
    conflicts.flatMap((one) =>
      one.kind === "moved" && one.after.to === "entry" ? [{ why: one.why, to: one.after.entry }] : [],
    ),
    ({ to }) => nameOf(to),
  );
  return all.map((one) => {
    const names = one.entries.map(nameOf);
    const isTaken = ({ isCovered, after }: FlowCovered) =>
      isCovered && after.to === "entry" && names.includes(nameOf(after.entry));
    const own = [...(about.get(one) ?? [])];
    const missed = own.flatMap((flows) => flows.find((flow) => !isTaken(flow)) ?? []);
    return {
      seen: own.length,
      covered: own.length - missed.length,
      missed: missed.slice(0, mostTold).map((one) => `${calls(one.flow)}: ${faultOf(one)}`),
      harm: harms.get(one) ?? [],
      unread: one.unread,
      moved: names.flatMap((name) => (moved.get(name) ?? []).map(({ why }) => why)).slice(0, mostTold),
      of: (key) => judged.get(key) ?? [],
    };
  });
}

/** Why a call does not arrive. */
export const faultOf = ({ after }: FlowCovered): string => (after.to === "entry" ? after.fault : null) ?? after.why;

const calls = ({ source, sni, host, address, port, protocol }: Flow): string =>
  `${source.namespace}/${source.workload} to ${sni ?? host ?? address ?? "somewhere"}:${port} (${protocol})`;
