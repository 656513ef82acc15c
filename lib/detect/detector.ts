import type {
  Blindness,
  Buckets,
  Bypass,
  Claimed,
  Destination,
  Finding,
  FindingKind,
  Habit,
  Mismatch,
  Observation,
  Severity,
  Violation,
  Window,
} from "../model.ts";
import type { Memory } from "../words/memory.ts";

/** What the detectors are given: what was observed and counted in the run, and what was remembered before it. */
export interface Evidence {
  cluster: string;
  window: Window;
  observations: readonly Observation[];
  memory: Memory;
  /** A first run that reports instead of learning: everything is new, and that says little. */
  isFirst: boolean;
  /** Findings that were open before, by id. */
  open: ReadonlyMap<string, Finding>;
  blind: readonly Blindness[];
  /** Blocked calls of whole buckets that were not judged yet; null where there is none to judge. */
  blocked: { window: Window; buckets: readonly Buckets[] } | null;
  /** Times without any data in the window, or in that of the buckets. */
  gaps: readonly Window[];
  habits: ReadonlyMap<string, Habit>;
  /** Names claimed in the window that do not answer to the address dialled. */
  mismatches: readonly Mismatch[];
  /** Names claimed in the window that the DNS could not be asked about. */
  unchecked: readonly Claimed[];
  /** What was called in the window and a policy forbids, known or new. */
  violations: readonly Violation[];
  /** What was called through a catch-all though a manifest in force takes it, known or new. */
  bypasses: readonly Bypass[];
  /** The registrable domain of a canonical host name; null where it has none. */
  domainOf: (host: string) => string | null;
  settings: DetectSettings;
}

export interface DetectSettings {
  /** So many new destinations of one workload in one run are one finding. */
  fanOut: number;
  spike: { falseAlarmsPerWeek: number; floor: number; ratio: number };
}

/** What one detector concludes. */
export interface Conclusion {
  /** Found, changed or resolved in this run. */
  findings: Finding[];
  /** Findings to be kept open, as they are now, and ids of those that are open no longer. */
  opened: Finding[];
  closed: string[];
  habits: Habit[];
  /** Keys that another detector need not look at, since they are part of this one's findings. */
  taken: ReadonlySet<string>;
  /** Keys that are not worth remembering one by one. */
  forgotten: ReadonlySet<string>;
}

/** Evidence → conclusion. Pure: the same evidence gives the same findings, with the same ids, anywhere. */
export interface Detector {
  kind: FindingKind;
  detect(evidence: Evidence): Partial<Conclusion>;
}

/** A finding as a detector leaves it: without names, owner and suggestion, which later stages add. */
export function finding(
  kind: FindingKind,
  severity: Severity,
  id: string,
  seen: Pick<Observation, "key" | "source" | "destination" | "count" | "firstSeen" | "lastSeen"> & Partial<Observation>,
): Finding {
  const { key, source, destination, addresses = [], count, firstSeen, lastSeen } = seen;
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
    destinations: null,
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

/** The destination of a finding that is about no single one. */
export function nowhere(verdict: Destination["verdict"]): Destination {
  return { verdict, protocol: "tcp", host: null, address: null, port: null, sni: null, claim: null };
}

/** Observations that were counted and of which nothing is remembered, or nothing for long. */
export function unseen({ observations, memory }: Pick<Evidence, "observations" | "memory">): Observation[] {
  return observations.filter((one) => (one.count ?? 0) > 0 && (!memory.has(one.key) || one.quietSince !== null));
}
