/** A finding with what is suggested for it, or with the reason why nothing is. Pure. */
import type { Finding, Suggestion } from "../model.ts";
import { type Alternative, alternativesFor } from "./alternative.ts";
import { confidence } from "./confidence.ts";
import type { Draft } from "./draft.ts";
import { type Extension, heldReason, inPlace } from "./extension.ts";
import type { SuggestSettings } from "./service-entry.ts";
import { warnings } from "./warnings.ts";
import { why } from "./why.ts";

/** What is known of a finding's group, and of the entry in force that holds its host. */
export interface Known {
  draft: Draft;
  extension: Extension | null;
  /** Why that entry does not get the call. */
  lost: string | null;
  others: readonly (Alternative | null | undefined)[];
  settings: SuggestSettings;
}

/** The exact entry first, or the one in force that it extends, and behind it the alternatives that serve. */
export function answered(
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

/** Nothing is suggested, and why. */
export function refused(finding: Finding, reason: string): Finding {
  return { ...finding, suggestions: [], noSuggestion: reason };
}
