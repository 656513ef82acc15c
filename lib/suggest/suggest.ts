/** Findings to manifests: only what the evidence carries, and the reason where it carries none. Pure. */
import { type MeshSettings, readExisting } from "../istio/in-force.ts";
import { prepare } from "../istio/route/table.ts";
import type { ExistingEntry, ExistingObject, Finding, Sighting } from "../model.ts";
import { type Policies, policiesOf } from "../policy/index.ts";
import type { Memory } from "../words/memory.ts";
import { alternatives, hearing } from "./alternatives.ts";
import { answered, refused } from "./answer.ts";
import { bearingOn } from "./bearing.ts";
import { lostBy, takenBy, takenReason, waysOf } from "./causes.ts";
import { draft } from "./draft.ts";
import { enforcement } from "./enforcement.ts";
import { entryOf, gather, groupKey } from "./evidence.ts";
import { existing } from "./existing.ts";
import { extending } from "./extending.ts";
import type { TeamOf } from "./family.ts";
import { allSeen, type Reach } from "./flows.ts";
import { forbidden } from "./forbidden.ts";
import { proven } from "./proven.ts";
import { refusal, throughReason, vetoesOf } from "./refusal.ts";
import type { SuggestSettings } from "./service-entry.ts";
import { rootNamespace, withSidecars } from "./sidecars.ts";
import { teamsOf } from "./teams.ts";
import { addressNames, isDoubted } from "./trust.ts";

export type { SuggestSettings, TeamOf };

export interface SuggestContext {
  /** What is remembered of the cluster; findings' own sightings may be among them. */
  memory: Memory;
  /** What the run adds to it. */
  added?: readonly Sighting[];
  settings: SuggestSettings;
  /** Whose team a source is, for sightings. Not given: as far as the findings tell. */
  teamOf?: TeamOf;
  /** ServiceEntries in force, with the files that they are written in: then they are extended, and not doubled. */
  existing?: readonly ExistingEntry[];
  /** All manifests in force, as Kubernetes objects: suggestions are proven with them, and what Sidecars would hide is said. */
  objects?: readonly ExistingObject[];
  /** Of the config: what they forbid is never opened. */
  policies?: Policies;
  /** Why what somebody denied gets no manifest, by sighting. */
  denials?: ReadonlyMap<string, string>;
  /** Does a finding's call go through the egress gateway, and not past it? */
  throughGateway?: (finding: Finding) => boolean;
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
  const { settings, memory, policies = policiesOf([]), denials, throughGateway = () => false } = context;
  const added = (context.added ?? []).filter((one) => !memory.has(one.key));
  const bans = forbidden(findings, policies, addressNames(findings), denials);
  const vetoed = vetoesOf(findings);
  const reasons = findings.map(
    (finding) =>
      (throughGateway(finding) ? throughReason(finding) : null) ??
      refusal(finding) ??
      vetoed.get(finding.key) ??
      bans.reason(finding),
  );
  const fit = findings.filter((_, index) => reasons[index] === null);
  // What a finding may not rest on, another's manifest may not learn from memory either.
  const unfit = new Set(
    findings.filter((one, index) => reasons[index] !== null && one.state === "open").map((one) => one.key),
  );
  const names = addressNames(fit);
  const { heard, hear } = hearing(fit, unfit, names);
  const isAny = fit.some((one) => entryOf(one.destination, names) !== null);
  const bearing = isAny ? bearingOn(fit, names, { memory, added }) : [];
  const groups = gather(fit, noting(bans.sift(bearing), hear), unfit, names);
  const known = existing(context.existing ?? []);
  const drafts = new Map(
    [...groups].map(([key, group]) => [key, draft(group, settings, known.http2(group.entry.host))]),
  );
  const table = prepare(readExisting(context.objects ?? []), meshOf(settings));
  const { inForce } = table;
  const extended = extending([...drafts.values()], known, settings);
  const doubted = findings.filter((one) => vetoed.has(one.key) || isDoubted(one.destination, one.names));
  const basis = { fit, doubted, names, teamOf: context.teamOf ?? teamsOf(findings), settings, known, bans };
  const others = alternatives(basis, heard);
  const made = findings.map((finding, index) => {
    const reason = reasons[index] ?? null;
    if (finding.kind === "policy-violation") {
      const made = enforcement(finding, policies, settings, throughGateway(finding));
      if (typeof made === "string") return refused(finding, made);
      return { ...finding, suggestions: [made], noSuggestion: null };
    }
    if (reason !== null) return refused(finding, reason);
    const entry = entryOf(finding.destination, names);
    const barred = entry === null ? null : bans.barred(finding.source, entry);
    if (barred !== null) return refused(finding, barred);
    const found = entry === null ? undefined : drafts.get(groupKey(finding.source, entry));
    if (found === undefined) return refused(finding, "Nothing is known that a ServiceEntry could stand for.");
    if (typeof found === "string") return refused(finding, found);
    const ways = waysOf(finding, names, table);
    const taken = takenBy(ways, inForce);
    if (taken !== null) return refused(finding, takenReason(taken));
    const extension = extended.get(found) ?? null;
    const isExtended = extension !== null && !("why" in extension.made);
    const lost = extension === null ? null : lostBy(finding, extension.held.entry, ways, inForce);
    return answered(finding, { draft: found, extension, lost, others: others(finding, found, isExtended), settings });
  });
  if (fit.length === 0) return made;
  const seen = (reach: Reach) => allSeen(findings, { memory, added }, names, reach);
  return proven(made, seen, table).map((one) => withSidecars(one, inForce.sidecars));
}

/** The mesh as it is today, as far as traffic shows: whatever nothing takes goes through. */
export const meshOf = ({ dnsCapture, istio }: SuggestSettings): MeshSettings => ({
  outboundMode: "ALLOW_ANY",
  dnsCapture: dnsCapture === true,
  rootNamespace,
  istio: istio ?? null,
});

/** What may bear on the findings is read once, and told to whoever else wants to know. */
function* noting(sightings: Iterable<Sighting>, note: (one: Sighting) => void): Generator<Sighting> {
  for (const one of sightings) {
    note(one);
    yield one;
  }
}
