/** The table of detectors, and what they conclude together. */
import type { Finding } from "../model.ts";
import { byText } from "../words/by-text.ts";
import { blockedSpike } from "./blocked-spike.ts";
import type { Conclusion, Detector, Evidence } from "./detector.ts";
import { entryBypassed } from "./entry-bypassed.ts";
import { fanOut } from "./fan-out.ts";
import { goneBlind } from "./gone-blind.ts";
import { nameMismatch } from "./name-mismatch.ts";
import { newBlocked } from "./new-blocked.ts";
import { newDestination } from "./new-destination.ts";
import { policyViolation } from "./policy-violation.ts";

/** Those that may take observations away from the others come first. */
export const detectors: readonly Detector[] = [
  fanOut,
  nameMismatch,
  // It looks at every blocked call, those that a policy forbids too.
  blockedSpike,
  policyViolation,
  newDestination,
  newBlocked,
  entryBypassed,
  goneBlind,
];

const weight = { critical: 0, warning: 1, info: 2 };

/** All that the detectors conclude; findings most severe first, then by source and destination, whatever the server's order was. */
export function detect(evidence: Evidence): Conclusion {
  const taken = new Set<string>();
  const forgotten = new Set<string>();
  const all: Partial<Conclusion>[] = [];
  for (const detector of detectors) {
    const observations = evidence.observations.filter((one) => !taken.has(one.key));
    // A burst of what no list allows is one finding; what a policy denies by name is always told.
    const violations = evidence.violations.filter((one) => one.isDenied || !taken.has(one.observation.key));
    const conclusion = detector.detect({ ...evidence, observations, violations });
    for (const key of conclusion.taken ?? []) taken.add(key);
    for (const key of conclusion.forgotten ?? []) forgotten.add(key);
    all.push(conclusion);
  }
  return {
    findings: inOrder(all.flatMap((one) => one.findings ?? [])),
    opened: all.flatMap((one) => one.opened ?? []),
    closed: all.flatMap((one) => one.closed ?? []),
    habits: all.flatMap((one) => one.habits ?? []),
    taken,
    forgotten,
  };
}

/** Most severe first, then by source and destination. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => weight[a.severity] - weight[b.severity] || byText(orderOf(a), orderOf(b)));
}

function orderOf({ source, destination, kind, id }: Finding): string {
  const place = destination.host ?? destination.address ?? destination.claim ?? "";
  const port = String(destination.port ?? 0).padStart(5, "0");
  return [source.cluster, source.namespace, source.workload, place, port, destination.protocol, kind, id].join(
    "\u0000",
  );
}
