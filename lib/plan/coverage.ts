/** Flows × manifests → what REGISTRY_ONLY would break, what closes the gap, and what nothing uses. Pure. */
import { covers } from "../istio/route/covers.ts";
import type { RouteTable } from "../istio/route/table.ts";
import type { Finding, Manifest, ManifestList } from "../model.ts";
import { seenFlows } from "../suggest/flows.ts";
import { addressNames } from "../suggest/trust.ts";
import { byText } from "../words/by-text.ts";

/** One flow that passes through today, and what becomes of it. */
export interface PlannedFlow {
  finding: Finding;
  /** By the manifests in force alone. */
  isCovered: boolean;
  /** By these and the plan's own manifests. */
  isClosed: boolean;
  /** Why, in a sentence. */
  why: string;
  certain: boolean;
}

export interface NamespaceShare {
  namespace: string;
  flows: number;
  covered: number;
  /** covered / flows; 1 where nothing passes through. */
  readiness: number;
}

/** Flows, and what comes of adding manifests. */
export interface Covered {
  flows: PlannedFlow[];
  /** What the added manifests would take from others, in sentences. */
  conflicts: string[];
}

/** Each flow under REGISTRY_ONLY: by the manifests in force alone, and with others added. */
export function coverage(
  findings: readonly Finding[],
  inForce: RouteTable,
  added: readonly (Manifest | ManifestList)[],
): Covered {
  const names = addressNames(findings);
  const seen = findings.map((one) => seenFlows(one, names, null)?.flows ?? []);
  const { flows: judged, conflicts } = covers(seen.flat(), inForce, added);
  const byFlow = new Map(judged.map((one) => [one.flow, one]));
  const planned = findings.map((finding, index): PlannedFlow => {
    const all = (seen[index] ?? []).flatMap((flow) => byFlow.get(flow) ?? []);
    // What was counted by a catch-all is not covered by what only may take it.
    const isSure = ({ wasCovered, before }: (typeof all)[number]) => wasCovered && before.certain;
    const said = all.find((one) => !isSure(one)) ?? all[0];
    if (said === undefined) {
      const why = "its port is not known: without the address label nothing can cover it";
      return { finding, isCovered: false, isClosed: false, why, certain: false };
    }
    const [isCovered, isClosed] = [all.every(isSure), all.every((one) => one.isCovered)];
    const { why, certain, doubts } = said.before;
    return {
      finding,
      isCovered,
      isClosed,
      why: said.wasCovered && !certain ? [why, ...doubts].join("; not certain: ") : why,
      certain,
    };
  });
  const taken = conflicts.filter(({ kind }) => kind !== "moved");
  return { flows: planned, conflicts: [...new Set(taken.map(({ why }) => why))].sort() };
}

/** By namespace, in order of its name. */
export function shares(flows: readonly PlannedFlow[]): NamespaceShare[] {
  const all = Map.groupBy(flows, ({ finding }) => finding.source.namespace);
  return [...all]
    .map(([namespace, own]) => {
      const covered = own.filter((one) => one.isCovered).length;
      return { namespace, flows: own.length, covered, readiness: own.length === 0 ? 1 : covered / own.length };
    })
    .sort((a, b) => byText(a.namespace, b.namespace));
}

/** The manifests that close the gap, each once, in order of namespace and name. */
export function closing(flows: readonly PlannedFlow[]): Manifest[] {
  const manifests = flows
    .filter((one) => !one.isCovered)
    .flatMap(({ finding }) => {
      const manifest = finding.suggestions[0]?.manifest;
      return manifest !== undefined && "metadata" in manifest ? [manifest] : [];
    });
  const byPlace = new Map(manifests.map((one) => [`${one.metadata.namespace}/${one.metadata.name}`, one]));
  return [...byPlace].sort(([a], [b]) => byText(a, b)).map(([, one]) => one);
}
