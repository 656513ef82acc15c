/** Why a call may still go through a catch-all though a manifest in force is about it. Pure. */
import type { InForce, ServiceEntry } from "../istio/in-force.ts";
import { isCovered } from "../istio/route/covered.ts";
import { type Flow, nameOf, type Routed, type ToEntry } from "../istio/route/flow.ts";
import { route } from "../istio/route/route.ts";
import type { RouteTable } from "../istio/route/table.ts";
import type { Finding, Name } from "../model.ts";
import { type Place, seenFlows } from "./flows.ts";
import { sidecarWarnings } from "./sidecars.ts";

interface Way {
  flow: Flow;
  routed: Routed;
}

/**
 * What the manifests in force make of a call: a way for each address dialled; none where its port is not known.
 * @param names confirmed names by address
 * @param known the best name remembered of it
 */
export function waysOf(
  place: Place,
  names: ReadonlyMap<string, string>,
  table: RouteTable,
  known: Name | null = null,
): Way[] {
  const flows = seenFlows(place, names, known)?.flows ?? [];
  return flows.map((flow) => ({ flow, routed: route(flow, table) }));
}

/** The entry that takes a call, by what, and why it may be seen at a catch-all all the same. */
export interface Taken {
  entry: ServiceEntry;
  by: string;
  causes: string[];
}

/** Null where the manifests in force do not take the call for certain, whichever of its addresses was dialled. */
export function takenBy(ways: readonly Way[], inForce: InForce): Taken | null {
  const [first] = ways;
  if (first === undefined || first.routed.to !== "entry") return null;
  if (!ways.every(({ flow, routed }) => routed.certain && isCovered(flow, routed))) return null;
  const { entry, why } = first.routed;
  return { entry, by: why, causes: causes(first.flow, first.routed, inForce) };
}

/** What to say where the manifests in force take a call that was seen at a catch-all: another manifest would not help. */
export const takenReason = ({ entry, by, causes: usual }: Taken): string =>
  `${nameOf(entry)} is in force and takes this call (${by}): another entry would not help. If it goes on like this, likely causes are: ${usual.join("; ")}.`;

/**
 * The likely causes, likeliest first. What Istio counts is said in its issue 38018 (resolution NONE); the rest is what the manifests alone
 * cannot show.
 */
function causes({ protocol }: Flow, { entry }: ToEntry, { sidecars }: InForce): string[] {
  const isNone = entry.resolution === "NONE" && (protocol === "tcp" || protocol === "tls");
  return [
    ...(isNone
      ? [
          "some versions of Istio count what an entry with resolution NONE lets through as PassthroughCluster (istio#38018), and nothing is wrong",
        ]
      : []),
    "it was applied after these calls, or connections from before it go on",
    "the proxy has not got it (istioctl proxy-status)",
    ...(sidecars.length === 0 ? ["a Sidecar that is not among the manifests given hides it"] : []),
  ];
}

/** Why an entry in force that has a finding's host and port does not get its call, and what to do; null where the manifests do not tell. */
export function lostBy(
  { source, destination }: Finding,
  entry: { namespace: string; name: string },
  ways: readonly Way[],
  { sidecars }: InForce,
): string | null {
  const hidden = sidecarWarnings(destination.host ?? "", entry.namespace, source.namespace, sidecars);
  if (hidden.length > 0) return hidden.join(" ");
  const name = `${entry.namespace}/${entry.name}`;
  const lost = ways.flatMap(({ routed }) => routed.shadowed).find((one) => nameOf(one.entry) === name);
  return lost === undefined ? null : `It does not get this call: ${lost.why}.`;
}
