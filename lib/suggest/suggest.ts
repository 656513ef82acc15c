/** Findings to manifests: only what the evidence carries, and the reason where it carries none. Pure. */
import type { Finding, Manifest, Sighting, Suggestion } from "../model.ts";
import { confidence } from "./confidence.ts";
import { entryOf, type Group, gather, groupKey } from "./evidence.ts";
import { type Family, families, familyOf, kinOf, type TeamOf } from "./family.ts";
import { choosePorts, type Port } from "./ports.ts";
import { refusal, vetoes } from "./refusal.ts";
import { type SuggestSettings, serviceEntry } from "./service-entry.ts";
import { teamsOf } from "./teams.ts";
import { addressNames, isDistrusted } from "./trust.ts";
import { warnings } from "./warnings.ts";
import { why } from "./why.ts";
import { isCovered, wildcardSuggestion } from "./wildcard.ts";
import { toYaml } from "./yaml.ts";

export type { SuggestSettings };

export interface SuggestContext {
  /** What is remembered of the cluster; findings' own sightings may be among them. Read once, and not at all without need. */
  sightings: Iterable<Sighting>;
  settings: SuggestSettings;
  /** Whose team a source is, for sightings. Not given: as far as the findings tell. */
  teamOf?: TeamOf;
}

/** What all findings of a group share. */
interface Draft {
  group: Group;
  ports: Port[];
  manifest: Manifest;
  yaml: string;
}

/** istio/api customresourcedefinitions.gen.yaml: at most 256 ports and 256 addresses in one ServiceEntry. */
const most = 256;

/**
 * The findings in their order, each with `suggestions`, or else with the reason in `noSuggestion`: never both, never neither.
 * All findings of one namespace about one host carry one and the same ServiceEntry, with every port that is known of that host
 * in that namespace: the other findings' and the remembered ones, so that applying it takes away nothing that was there.
 * Beside it, where three hosts of one domain are called alike by one team, stands a second suggestion: one wildcard for all of them.
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
  const isKin = kinOf(fit);
  const kin: Sighting[] = [];
  const noted = noting(context.sightings, (one) => {
    if (isKin(one) && !unfit.has(one.key)) kin.push(one);
  });
  const groups = gather(fit, noted, unfit, names);
  const drafts = new Map([...groups].map(([key, group]) => [key, draft(group, settings)]));
  const doubted = findings.filter((one) => vetoed.has(one.key) || isDoubted(one));
  const wildcards = wildcardsOf(families(fit, doubted, kin, context.teamOf ?? teamsOf(findings)), settings);
  return findings.map((finding, index) => {
    const reason = reasons[index] ?? null;
    if (reason !== null) return refused(finding, reason);
    const entry = entryOf(finding.destination, names);
    const found = entry === null ? undefined : drafts.get(groupKey(finding.source, entry));
    if (found === undefined) return refused(finding, "Nothing is known that a ServiceEntry could stand for.");
    if (typeof found === "string") return refused(finding, found);
    return answered(finding, found, wildcards.get(familyOf(finding) ?? ""), settings);
  });
}

/** What is remembered is read once, and told to whoever else wants to know. */
function* noting(sightings: Iterable<Sighting>, note: (one: Sighting) => void): Generator<Sighting> {
  for (const one of sightings) {
    note(one);
    yield one;
  }
}

function isDoubted({ destination: { host }, names }: Finding): boolean {
  return host !== null && isDistrusted(host, names);
}

interface Wildcard {
  family: Family;
  suggestion: Suggestion;
}

function wildcardsOf(all: ReadonlyMap<string, Family>, settings: SuggestSettings): Map<string, Wildcard> {
  const made = [...all].flatMap(([key, family]): [string, Wildcard][] => {
    const suggestion = wildcardSuggestion(family, settings);
    return suggestion === null ? [] : [[key, { family, suggestion }]];
  });
  return new Map(made);
}

/** The manifest of a group, or why there is none that Kubernetes would take. */
function draft(group: Group, settings: SuggestSettings): Draft | string {
  const ports = choosePorts(group.entry, group.evidence);
  if (ports.length > most) {
    return `${ports.length} ports of ${group.entry.host} were tried, which looks like a scan: a ServiceEntry holds ${most} at most.`;
  }
  const manifest = serviceEntry(group, ports, settings);
  const { addresses } = manifest.spec;
  if (Array.isArray(addresses) && addresses.length > most) {
    return `${group.entry.host} was reached at ${addresses.length} addresses: a ServiceEntry holds ${most} at most.`;
  }
  return { group, ports, manifest, yaml: toYaml(manifest) };
}

function answered(
  finding: Finding,
  { group, ports, manifest, yaml }: Draft,
  wildcard: Wildcard | undefined,
  settings: SuggestSettings,
): Finding {
  const { port: number, protocol } = finding.destination;
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
  const isInFamily = wildcard !== undefined && isCovered(finding, port, wildcard.family);
  const suggestions = isInFamily ? [exact, wildcard.suggestion] : [exact];
  return { ...finding, suggestions, noSuggestion: null };
}

function refused(finding: Finding, reason: string): Finding {
  return { ...finding, suggestions: [], noSuggestion: reason };
}
