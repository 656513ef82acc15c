/** What proposed manifests change: flows covered that were not, and whatever goes elsewhere than before. */
import { type InForce, type LeftOut, readInForce, type ServiceEntry } from "../in-force.ts";
import { isCovered, isMeant } from "./covered.ts";
import { type Flow, nameOf, type Routed } from "./flow.ts";
import { route } from "./route.ts";
import { takesWhole } from "./service.ts";
import { type Shadowing, shadowings } from "./shadowings.ts";
import { prepare, type RouteTable } from "./table.ts";

/** A flow before and after. */
export interface FlowCovered {
  flow: Flow;
  before: Routed;
  after: Routed;
  wasCovered: boolean;
  isCovered: boolean;
}

/**
 * A flow that goes elsewhere than before. `captured`: to an entry that is not about it. `moved`: from one entry to another. `uncovered`: it
 * was covered, or let through, and is so no more.
 */
export interface Diverted {
  kind: "captured" | "moved" | "uncovered";
  flow: Flow;
  before: Routed;
  after: Routed;
  why: string;
}

/** `shadowed`: an entry in force that loses its host, address or port, with or without flows seen. */
export type Conflict = Diverted | Shadowing;

export interface Coverage {
  flows: readonly FlowCovered[];
  /** How many of the flows are covered, before and after. */
  before: number;
  covered: number;
  conflicts: readonly Conflict[];
  /** Proposed ports that take every connection nothing else on the port takes, those of strangers included. */
  wide: readonly { entry: ServiceEntry; port: number; why: string }[];
  leftOut: readonly LeftOut[];
  /** The manifests in force and the proposed ones together. */
  after: RouteTable;
}

/**
 * Routes the flows with the manifests in force and again with the proposed ones added: one of a name in force replaces it, and keeps its
 * age; the others are younger than all. In: Kubernetes objects, as for `readInForce`. Throws nothing; what is not understood is in `leftOut`.
 */
export function covers(flows: readonly Flow[], current: RouteTable, proposed: readonly unknown[]): Coverage {
  const read = readInForce(proposed);
  const merged = withProposed(current.inForce, read);
  const after = prepare(merged, current.settings);
  const added = new Set(read.entries.map(nameOf));
  const judged = flows.map((flow) => judge(flow, route(flow, current), route(flow, after)));
  const changed = merged.entries.filter((entry) => added.has(nameOf(entry)));
  return {
    flows: judged,
    before: judged.filter((one) => one.wasCovered).length,
    covered: judged.filter((one) => one.isCovered).length,
    conflicts: [...judged.flatMap(diverted), ...shadowings(flows, current, after, changed)],
    wide: wideOf(after, changed),
    leftOut: read.leftOut,
    after,
  };
}

/** For people: `covers 41 of 43 flows seen, conflicts: none`. */
export function inWords({ covered, flows, conflicts }: Coverage): string {
  const said = conflicts.length === 0 ? "none" : conflicts.map((one) => one.why).join("; ");
  return `covers ${covered} of ${flows.length} flows seen, conflicts: ${said}`;
}

function withProposed(inForce: InForce, proposed: InForce): InForce {
  return {
    entries: replaced(inForce.entries, proposed.entries),
    sidecars: replaced(inForce.sidecars, proposed.sidecars),
    namespaces: [...inForce.namespaces, ...proposed.namespaces],
    leftOut: inForce.leftOut,
  };
}

interface Named {
  namespace: string;
  name: string;
  created: number | null;
}

function replaced<T extends Named>(old: readonly T[], fresh: readonly T[]): T[] {
  const key = ({ namespace, name }: Named) => `${namespace}/${name}`;
  const known = new Map(old.map((one) => [key(one), one]));
  const names = new Set(fresh.map(key));
  const young = fresh.map((one) => {
    const before = known.get(key(one));
    return { ...one, created: before === undefined ? Number.POSITIVE_INFINITY : before.created };
  });
  return [...old.filter((one) => !names.has(key(one))), ...young];
}

const judge = (flow: Flow, before: Routed, after: Routed): FlowCovered => ({
  flow,
  before,
  after,
  wasCovered: isCovered(flow, before),
  isCovered: isCovered(flow, after),
});

function diverted({ flow, before, after, wasCovered, isCovered: isNow }: FlowCovered): Diverted[] {
  const said = (kind: Diverted["kind"], why: string): Diverted[] => [
    { kind, flow, before, after, why: `${toldBy(flow)}: ${why}` },
  ];
  if (after.to === "entry") {
    const isNew = before.to !== "entry" || nameOf(before.entry) !== nameOf(after.entry) || before.host !== after.host;
    if (isNew && !isMeant(flow, after))
      return said("captured", `${nameOf(after.entry)} takes it, and is about ${after.host}`);
    if (wasCovered && !isNow) return said("uncovered", after.fault ?? after.why);
    if (isNew && before.to === "entry") return said("moved", `from ${nameOf(before.entry)} to ${nameOf(after.entry)}`);
    return [];
  }
  const isCut = before.to !== "blocked" && after.to === "blocked";
  return (before.to === "entry" && wasCovered) || isCut ? said("uncovered", after.why) : [];
}

/** A flow in a few words. */
function toldBy({ source, protocol, host, sni, address, port }: Flow): string {
  return `${source.namespace}/${source.workload} to ${sni ?? host ?? address ?? "somewhere"}:${port} (${protocol})`;
}

function wideOf(
  after: RouteTable,
  changed: readonly ServiceEntry[],
): { entry: ServiceEntry; port: number; why: string }[] {
  const names = new Set(changed.map(nameOf));
  const wide = after.services.filter(({ entry, at }) => at.kind === "anywhere" && names.has(nameOf(entry)));
  return wide.flatMap(({ entry, offers }) =>
    offers.flatMap(({ port }) => {
      if (!takesWhole(port.class)) return [];
      const where = entry.resolution === "NONE" ? "wherever it was dialled" : `to ${entry.hosts.join(", ")}`;
      return [
        { entry, port: port.number, why: `${nameOf(entry)} takes all of port ${port.number}, and sends it ${where}` },
      ];
    }),
  );
}
