/** Suggestions that stood the proof against what was seen and what is in force; for the others, why not. Pure. */
import type { Sidecar } from "../istio/in-force.ts";
import type { FlowCovered } from "../istio/route/covers.ts";
import type { RouteTable } from "../istio/route/table.ts";
import type { Finding, Manifest, Suggestion } from "../model.ts";
import type { Reach, Seen } from "./flows.ts";
import { type Candidate, candidate, faultOf, type Proof, prove, reachOf } from "./prove.ts";
import { hiddenFrom } from "./sidecars.ts";

/**
 * The findings with their suggestions proven by the model of Istio's routing: each says how much of what was seen it covers. One that would
 * take calls from others, put an entry in force out of work, or not take the finding's own call is not suggested. All first suggestions are
 * proven together, since all of them may be applied; the alternatives beside the entries in force alone. `seenFrom` gives what was seen
 * from where the suggestions reach. Throws nothing.
 */
export function proven(
  findings: readonly Finding[],
  seenFrom: (reach: Reach) => readonly Seen[],
  before: RouteTable,
): Finding[] {
  const byCluster = Map.groupBy(findings, (one) => one.source.cluster);
  const proposed = [...byCluster].map(([cluster, own]) => ({ cluster, parts: proposedFor(own) }));
  const seen = seenFrom(reachOf(proposed.flatMap(({ parts }) => parts.flat())));
  const proofs = new Map(
    proposed.map(({ cluster, parts }) => {
      const flows = seen.filter((one) => one.cluster === cluster);
      return [cluster, proofsFor(parts, flows, before)] as const;
    }),
  );
  const { sidecars } = before.inForce;
  return findings.map((finding) => judged(finding, proofs.get(finding.source.cluster) ?? new Map(), sidecars));
}

/** By the YAML of a suggestion, which is the same for all findings that share it. */
type Proofs = ReadonlyMap<string, Proof>;

interface Proposed extends Candidate {
  yaml: string;
}

/** The suggestions of the findings, in parts of which each can be proven together. */
function proposedFor(findings: readonly Finding[]): Proposed[][] {
  const [firsts, others] = [new Map<string, Suggestion>(), new Map<string, Suggestion>()];
  for (const { suggestions } of findings) {
    for (const [place, one] of suggestions.entries()) {
      // What opens nothing (an AuthorizationPolicy alone) has nothing to prove here.
      if (objectsOf(one.manifest).some(({ kind }) => kind === "ServiceEntry"))
        (place === 0 ? firsts : others).set(one.yaml, one);
    }
  }
  const wide = Map.groupBy(others.values(), ({ manifest }) => objectsOf(manifest).some(isWide));
  const about = (one: Manifest) => [nameOf(one), ...hostsOf(one)];
  const parts = [
    ...batches([...firsts.values()], (one) => [nameOf(one)]),
    ...batches(wide.get(false) ?? [], about),
    ...batches(wide.get(true) ?? [], about),
  ];
  return parts.map((batch) => batch.map(({ yaml, manifest }) => ({ yaml, ...candidate(objectsOf(manifest)) })));
}

function proofsFor(parts: readonly Proposed[][], seen: readonly Seen[], before: RouteTable): Proofs {
  const proofs = new Map<string, Proof>();
  for (const part of parts) {
    for (const [place, proof] of prove(part, seen, before).entries()) proofs.set(part[place]?.yaml ?? "", proof);
  }
  return proofs;
}

const nameOf = ({ kind, metadata }: Manifest): string => `${kind} ${metadata.namespace}/${metadata.name}`;

const hostsOf = ({ spec }: Manifest): string[] => (Array.isArray(spec.hosts) ? spec.hosts.map(String) : []);

/** It may hold what another is about, though the two share no host. */
const isWide = (one: Manifest): boolean => "addresses" in one.spec || hostsOf(one).some((host) => host.startsWith("*"));

const objectsOf = (manifest: Suggestion["manifest"]): Manifest[] => ("items" in manifest ? manifest.items : [manifest]);

/** In parts of which none holds two objects of one name, which would replace each other, or of one host, which would hide each other. */
function batches(all: readonly Suggestion[], about: (one: Manifest) => string[]): Suggestion[][] {
  const parts: { names: Set<string>; own: Suggestion[] }[] = [];
  for (const one of [...all].sort((a, b) => (a.yaml < b.yaml ? -1 : 1))) {
    const names = objectsOf(one.manifest).flatMap(about);
    const fit = parts.find((part) => !names.some((name) => part.names.has(name)));
    const part = fit ?? { names: new Set(), own: [] };
    if (fit === undefined) parts.push(part);
    for (const name of names) part.names.add(name);
    part.own.push(one);
  }
  return parts.map(({ own }) => own);
}

function judged(finding: Finding, proofs: Proofs, sidecars: readonly Sidecar[]): Finding {
  const [first, ...others] = finding.suggestions.map((one) => [one, proofs.get(one.yaml)] as const);
  const [exact, proof] = first ?? [];
  if (exact === undefined || proof === undefined) return finding;
  const reason = whyNot(finding, exact, proof, sidecars);
  if (reason !== null) return { ...finding, suggestions: [], noSuggestion: reason };
  const standing = others.flatMap(([one, own]) =>
    own === undefined || whyNot(finding, one, own, sidecars) !== null ? [] : [told(one, own, finding)],
  );
  return { ...finding, suggestions: [told(exact, proof, finding), ...standing] };
}

/** Why a suggestion must not be made for a finding; null where it may. */
function whyNot(finding: Finding, suggestion: Suggestion, proof: Proof, sidecars: readonly Sidecar[]): string | null {
  if (proof.unread !== null) return `What a manifest for it would do is not known: ${proof.unread}.`;
  const own = proof.of(finding.key);
  const [harm, ...more] = proof.harm;
  if (harm !== undefined) {
    return `A manifest for it would take from others: ${harm}${more.length > 0 ? ` (and ${more.length} more)` : ""}.`;
  }
  const missed = own.find((flow) => !flow.isCovered && flow.after.certain);
  if (missed === undefined || hiddenFrom(finding, suggestion, sidecars).length > 0) return null;
  return `A manifest for it would not take this call: ${[faultOf(missed), ...missed.after.shadowed.map(({ why }) => why)].slice(0, 2).join("; ")}.`;
}

/** The suggestion with what the proof says of it. */
function told(suggestion: Suggestion, proof: Proof, finding: Finding): Suggestion {
  const { covered, seen, missed, moved } = proof;
  const doubt = proof.of(finding.key).find(isDoubtful)?.after.doubts[0];
  return {
    ...suggestion,
    why: [...suggestion.why, `Covers ${covered} of ${seen} flows seen, conflicts: none.`],
    warnings: [
      ...suggestion.warnings,
      ...missed.map((one) => `Not covered by it: ${one}.`),
      ...moved.map((one) => `It takes over ${one}.`),
      ...(doubt === undefined ? [] : [`Not certain that it takes this call: ${doubt}.`]),
    ],
  };
}

const isDoubtful = ({ after }: FlowCovered): boolean => !after.certain;
