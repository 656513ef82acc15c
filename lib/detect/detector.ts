import type { Finding, FindingKind, Observation, Severity, Sighting } from "../model.ts";

/** What a detector is given: what was observed and counted in the run, and what was remembered before it. */
export interface Evidence {
  observations: readonly Observation[];
  memory: ReadonlyMap<string, Sighting>;
}

/** Observations + memory → findings. Pure: the same evidence gives the same findings, with the same ids, anywhere. */
export interface Detector {
  kind: FindingKind;
  detect(evidence: Evidence): Finding[];
}

/** A finding as a detector leaves it: without names, owner, summary and suggestion, which later stages add. */
export function finding(kind: FindingKind, severity: Severity, id: string, observation: Observation): Finding {
  const { key, source, destination, addresses, count, firstSeen, lastSeen } = observation;
  return {
    id,
    key,
    kind,
    state: "open",
    severity,
    source,
    destination,
    addresses,
    count: count ?? 0,
    expected: null,
    firstSeen,
    lastSeen,
    names: [],
    owner: { team: "", from: "", channels: [] },
    summary: "",
    noSuggestion: null,
    suggestions: [],
  };
}

/** Observations that were counted and of which nothing is remembered. */
export function unseen({ observations, memory }: Evidence): Observation[] {
  return observations.filter((one) => (one.count ?? 0) > 0 && !memory.has(one.key));
}
