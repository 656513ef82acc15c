/** Findings to manifests: only what the evidence carries, and the reason where it carries none. Pure. */
import type { Finding, Sighting, Suggestion } from "../model.ts";
import { type Policies, policiesOf } from "../policy/index.ts";
import { type Alternative, alternativesFor } from "./alternative.ts";
import { alternatives, hearing } from "./alternatives.ts";
import { confidence } from "./confidence.ts";
import { type Draft, draft } from "./draft.ts";
import { enforcement } from "./enforcement.ts";
import { entryOf, type Group, gather, groupKey } from "./evidence.ts";
import { type Existing, type ExistingEntry, existing } from "./existing.ts";
import { type Extension, extension, heldReason, inPlace } from "./extension.ts";
import type { TeamOf } from "./family.ts";
import { forbidden } from "./forbidden.ts";
import { refusal, throughReason, vetoes } from "./refusal.ts";
import type { SuggestSettings } from "./service-entry.ts";
import { type SidecarInForce, withSidecars } from "./sidecars.ts";
import { teamsOf } from "./teams.ts";
import { addressNames, isDoubted } from "./trust.ts";
import { warnings } from "./warnings.ts";
import { why } from "./why.ts";

export type { ExistingEntry, SidecarInForce, SuggestSettings };

export interface SuggestContext {
  /** What is remembered of the cluster; findings' own sightings may be among them. Read once, and not at all without need. */
  sightings: Iterable<Sighting>;
  settings: SuggestSettings;
  /** Whose team a source is, for sightings. Not given: as far as the findings tell. */
  teamOf?: TeamOf;
  /** ServiceEntries in force, with the files that they are written in: then they are extended, and not doubled. */
  existing?: readonly ExistingEntry[];
  /** Sidecars in force: what they would hide is said. */
  sidecars?: readonly SidecarInForce[];
  /** Of the config: what they forbid is never opened. */
  policies?: Policies;
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
  const { settings, sidecars = [], policies = policiesOf([]), throughGateway = () => false } = context;
  const vetoed = new Map<string, string>();
  for (const finding of findings) {
    const veto = vetoes(finding);
    if (veto !== null) vetoed.set(finding.key, veto);
  }
  const bans = forbidden(findings, policies, addressNames(findings));
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
  const groups = gather(fit, noting(bans.sift(context.sightings), hear), unfit, names);
  const known = existing(context.existing ?? []);
  const drafts = new Map([...groups].map(([key, group]) => [key, drafted(group, known, settings)]));
  const doubted = findings.filter((one) => vetoed.has(one.key) || isDoubted(one.destination, one.names));
  const basis = { fit, doubted, names, teamOf: context.teamOf ?? teamsOf(findings), settings, known, bans };
  const others = alternatives(basis, heard);
  return findings.map((finding, index) => {
    const reason = reasons[index] ?? null;
    if (finding.kind === "policy-violation") {
      const made = enforcement(finding, policies, settings, throughGateway(finding));
      return typeof made === "string"
        ? refused(finding, made)
        : { ...finding, suggestions: [made], noSuggestion: null };
    }
    if (reason !== null) return refused(finding, reason);
    const entry = entryOf(finding.destination, names);
    const barred = entry === null ? null : bans.barred(finding.source, entry);
    if (barred !== null) return refused(finding, barred);
    const found = entry === null ? undefined : drafts.get(groupKey(finding.source, entry));
    if (found === undefined) return refused(finding, "Nothing is known that a ServiceEntry could stand for.");
    if (typeof found === "string") return refused(finding, found);
    const isExtended = found.extension !== null && "patch" in found.extension.made;
    const made = answered(finding, { ...found, others: others(finding, found.draft, isExtended), settings });
    return sidecars.length === 0 ? made : withSidecars(made, sidecars);
  });
}

function drafted(
  group: Group,
  known: Existing,
  settings: SuggestSettings,
): Omit<Known, "others" | "settings"> | string {
  const made = draft(group, settings, known.http2(group.entry.host));
  if (typeof made === "string") return made;
  const held = known.holding(group.entry, group.namespace);
  return { draft: made, extension: held === null ? null : extension(made, held, settings) };
}

/** What is remembered is read once, and told to whoever else wants to know. */
function* noting(sightings: Iterable<Sighting>, note: (one: Sighting) => void): Generator<Sighting> {
  for (const one of sightings) {
    note(one);
    yield one;
  }
}

/** What is known of a finding's group, and of the entry in force that holds its host. */
interface Known {
  draft: Draft;
  extension: Extension | null;
  others: readonly (Alternative | null | undefined)[];
  settings: SuggestSettings;
}

function answered(
  finding: Finding,
  { draft: { group, ports, manifest, yaml }, extension: found, others, settings }: Known,
): Finding {
  const { port: number, protocol } = finding.destination;
  if (found?.held.ports.has(number ?? 0)) return refused(finding, heldReason(finding, found));
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
