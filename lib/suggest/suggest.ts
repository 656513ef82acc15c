/** Findings to manifests: only what the evidence carries, and the reason where it carries none. Pure. */
import { type MeshSettings, readExisting } from "../istio/in-force.ts";
import { prepare } from "../istio/route/table.ts";
import type { ExistingEntry, ExistingObject, Finding, Sighting, Suggestion } from "../model.ts";
import { type Alternative, alternativesFor } from "./alternative.ts";
import { alternatives, hearing } from "./alternatives.ts";
import { lostBy, takenAlready, waysOf } from "./causes.ts";
import { confidence } from "./confidence.ts";
import { type Draft, draft } from "./draft.ts";
import { entryOf, gather, groupKey } from "./evidence.ts";
import { type Existing, existing, type Held } from "./existing.ts";
import { type Extension, extensions, heldReason, inPlace } from "./extension.ts";
import type { TeamOf } from "./family.ts";
import { allSeen } from "./flows.ts";
import { proven } from "./proven.ts";
import { refusal, vetoes } from "./refusal.ts";
import type { SuggestSettings } from "./service-entry.ts";
import { rootNamespace, withSidecars } from "./sidecars.ts";
import { teamsOf } from "./teams.ts";
import { addressNames, isDoubted } from "./trust.ts";
import { warnings } from "./warnings.ts";
import { why } from "./why.ts";

export type { SuggestSettings };

export interface SuggestContext {
  /** What is remembered of the cluster; findings' own sightings may be among them. Read once, and not at all without need. */
  sightings: Iterable<Sighting>;
  settings: SuggestSettings;
  /** Whose team a source is, for sightings. Not given: as far as the findings tell. */
  teamOf?: TeamOf;
  /** ServiceEntries in force, with the files that they are written in: then they are extended, and not doubled. */
  existing?: readonly ExistingEntry[];
  /** All manifests in force, as Kubernetes objects: suggestions are proven with them, and what Sidecars would hide is said. */
  objects?: readonly ExistingObject[];
}

/**
 * The findings in their order, each with `suggestions`, or else with the reason in `noSuggestion`: never both, never neither.
 * All findings of one namespace about one host carry one and the same ServiceEntry, with every port that is known of that host
 * in that namespace: the other findings' and the remembered ones, so that applying it takes away nothing that was there.
 * It comes first; what else could be applied stands behind it, in the order of alternatives.ts. Where an entry in force holds the host,
 * that one comes first instead, with what it lacks, and as a patch for its file.
 * Which host and which protocol, and the Istio source behind each rule, is said in entry.ts, ports.ts and service-entry.ts.
 * Throws nothing: what cannot be suggested is said in `noSuggestion`.
 */
export function suggest(findings: readonly Finding[], context: SuggestContext): Finding[] {
  const { settings } = context;
  const vetoed = new Map<string, string>();
  for (const finding of findings) {
    const veto = vetoes(finding);
    if (veto !== null) vetoed.set(finding.key, veto);
  }
  const reasons = findings.map((finding) => refusal(finding) ?? vetoed.get(finding.key) ?? null);
  const fit = findings.filter((_, index) => reasons[index] === null);
  // What a finding may not rest on, another's manifest may not learn from memory either.
  const unfit = new Set(
    findings.filter((one, index) => reasons[index] !== null && one.state === "open").map((one) => one.key),
  );
  const names = addressNames(fit);
  const { heard, hear } = hearing(fit, unfit, names);
  const remembered: Sighting[] = [];
  const note = (one: Sighting) => void remembered.push(one);
  const groups = gather(fit, noting(context.sightings, [hear, note]), unfit, names);
  const known = existing(context.existing ?? []);
  const drafts = new Map(
    [...groups].map(([key, group]) => [key, draft(group, settings, known.http2(group.entry.host))]),
  );
  const table = prepare(readExisting(context.objects ?? []), meshOf(settings));
  const { inForce } = table;
  const extended = extending([...drafts.values()], known, settings);
  const doubted = findings.filter((one) => vetoed.has(one.key) || isDoubted(one.destination, one.names));
  const basis = { fit, doubted, names, teamOf: context.teamOf ?? teamsOf(findings), settings, known };
  const others = alternatives(basis, heard);
  const made = findings.map((finding, index) => {
    const reason = reasons[index] ?? null;
    if (reason !== null) return refused(finding, reason);
    const entry = entryOf(finding.destination, names);
    const found = entry === null ? undefined : drafts.get(groupKey(finding.source, entry));
    if (found === undefined) return refused(finding, "Nothing is known that a ServiceEntry could stand for.");
    if (typeof found === "string") return refused(finding, found);
    const ways = waysOf(finding, names, table);
    const taken = takenAlready(ways, inForce);
    if (taken !== null) return refused(finding, taken);
    const extension = extended.get(found) ?? null;
    const isExtended = extension !== null && "patch" in extension.made;
    const lost = extension === null ? null : lostBy(finding, extension.held.entry, ways, inForce);
    return answered(finding, { draft: found, extension, lost, others: others(finding, found, isExtended), settings });
  });
  if (fit.length === 0) return made;
  const flows = allSeen(findings, remembered, names);
  return proven(made, flows, table).map((one) => withSidecars(one, inForce.sidecars));
}

/** The mesh as it is today, as far as traffic shows: whatever nothing takes goes through. */
export const meshOf = ({ dnsCapture, istio }: SuggestSettings): MeshSettings => ({
  outboundMode: "ALLOW_ANY",
  dnsCapture: dnsCapture === true,
  rootNamespace,
  istio: istio ?? null,
});

/** What the entries in force that hold the drafts' hosts become, each with all that the drafts ask of it. */
function extending(
  drafts: readonly (Draft | string)[],
  known: Existing,
  settings: SuggestSettings,
): Map<Draft, Extension> {
  const byEntry = new Map<Held["entry"], { held: Held; own: Draft[] }>();
  for (const one of drafts) {
    const held = typeof one === "string" ? null : known.holding(one.group.entry, one.group.namespace);
    if (typeof one === "string" || held === null) continue;
    const same = byEntry.get(held.entry) ?? { held, own: [] };
    byEntry.set(held.entry, same);
    same.own.push(one);
  }
  return new Map([...byEntry.values()].flatMap(({ held, own }) => [...extensions(own, held, settings)]));
}

/** What is remembered is read once, and told to whoever else wants to know. */
function* noting(sightings: Iterable<Sighting>, listeners: readonly ((one: Sighting) => void)[]): Generator<Sighting> {
  for (const one of sightings) {
    for (const listen of listeners) listen(one);
    yield one;
  }
}

/** What is known of a finding's group, and of the entry in force that holds its host. */
interface Known {
  draft: Draft;
  extension: Extension | null;
  /** Why that entry does not get the call. */
  lost: string | null;
  others: readonly (Alternative | null | undefined)[];
  settings: SuggestSettings;
}

function answered(
  finding: Finding,
  { draft: { group, ports, manifest, yaml }, extension: found, lost, others, settings }: Known,
): Finding {
  const { port: number, protocol } = finding.destination;
  if (found?.held.ports.has(number ?? 0)) return refused(finding, heldReason(finding, found, lost));
  const port = ports.find((one) => one.number === number);
  if (port === undefined || port.unrouted.has(protocol)) {
    return refused(
      finding,
      `Port ${number} of ${group.entry.host} already speaks ${port?.protocol ?? "another protocol"}, and a port of a ServiceEntry has one protocol: ${protocol === "tls" ? "TLS" : "plain HTTP"} on it cannot be routed as well.`,
    );
  }
  const exact: Suggestion = {
    manifest,
    yaml,
    confidence: confidence(finding, group, port),
    why: why(finding, group, ports),
    warnings: warnings({ finding, group, ports, settings }),
  };
  const first = found === null ? exact : inPlace(exact, found);
  return { ...finding, suggestions: [first, ...alternativesFor(finding, port, exact, others)], noSuggestion: null };
}

function refused(finding: Finding, reason: string): Finding {
  return { ...finding, suggestions: [], noSuggestion: reason };
}
