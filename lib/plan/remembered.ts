/** What is remembered, as a plan sees it: a manifest for each flow, and what the manifests in force take of it. Pure. */
import { readExisting } from "../istio/in-force.ts";
import { prepare } from "../istio/route/table.ts";
import type { ExistingEntry, ExistingObject, Finding } from "../model.ts";
import type { Policies } from "../policy/index.ts";
import { meshOf, type SuggestSettings, suggest } from "../suggest/suggest.ts";
import { Memory } from "../words/memory.ts";
import { closing, coverage, type NamespaceShare, type PlannedFlow, shares } from "./coverage.ts";

export interface RememberedOrder {
  /** How many of the findings get a manifest, the first ones: to work it out takes far longer than to see what is covered. */
  most: number;
  settings: SuggestSettings;
  policies: Policies;
  /** Why what somebody denied gets no manifest, by sighting. */
  denials: ReadonlyMap<string, string>;
  /** The manifests in force, and of these the ServiceEntries. */
  objects: readonly ExistingObject[];
  entries: readonly ExistingEntry[];
  isGateway(finding: Finding): boolean;
}

export interface RememberedPlan {
  /** Those that get a manifest, in their order, with suggestions. */
  findings: Finding[];
  /** Of those that are let through, by sighting. */
  flows: Map<string, PlannedFlow>;
  namespaces: (NamespaceShare & { closed: number })[];
  /** What the manifests would take from others. */
  conflicts: string[];
  /** Of manifests in force that are not understood. */
  warnings: string[];
}

/**
 * What REGISTRY_ONLY would break of what is remembered, with the manifests that close the gap: as `plan`, but of all times.
 * @param findings one for each sighting, with names and owner
 * @param doubts open findings that speak against the destination of one of these
 */
export function planRemembered(
  findings: readonly Finding[],
  doubts: readonly Finding[],
  { most, settings, policies, denials, objects, entries, isGateway }: RememberedOrder,
): RememberedPlan {
  const context = {
    memory: new Memory(),
    settings,
    policies,
    denials,
    objects,
    existing: entries,
    throughGateway: isGateway,
  };
  // The doubts come last, and are no flows.
  const suggested = suggest([...findings.slice(0, most), ...doubts], context).slice(0, Math.min(most, findings.length));
  const passing = [...suggested, ...findings.slice(most)].filter(
    ({ destination }) => destination.verdict === "allowed",
  );
  const before = prepare(readExisting(objects), { ...meshOf(settings), outboundMode: "REGISTRY_ONLY" });
  const manifests = closing(coverage(passing, before, []).flows);
  const { flows, conflicts } = coverage(passing, before, manifests);
  const closed = new Map(
    shares(flows.map((one) => ({ ...one, isCovered: one.isClosed }))).map((one) => [one.namespace, one.covered]),
  );
  return {
    findings: suggested,
    flows: new Map(flows.map((one) => [one.finding.key, one])),
    namespaces: shares(flows).map((one) => ({ ...one, closed: closed.get(one.namespace) ?? 0 })),
    conflicts,
    warnings: before.inForce.leftOut.map(({ what, why }) => `--existing: ${what} is left out: ${why}`),
  };
}
