/** What else could be applied: beside the exact entry, and never instead of it. */
import type { Finding, Manifest, ManifestList, Suggestion } from "../model.ts";
import type { Port } from "./ports.ts";
import { toYaml } from "./yaml.ts";

/** One for all findings that it serves. */
export interface Alternative {
  suggestion: Suggestion;
  /** Does it route this finding as the finding's own entry does, by `port`? */
  serves: (finding: Finding, port: Port) => boolean;
}

const order = ["low", "medium", "high"] as const;

/** The suggestions of the alternatives that serve a finding, in their order, none of them surer than the exact one. Throws nothing. */
export function alternativesFor(
  finding: Finding,
  port: Port,
  exact: Suggestion,
  alternatives: readonly (Alternative | null | undefined)[],
): Suggestion[] {
  const serving = alternatives.flatMap((one) => (one?.serves(finding, port) ? [one.suggestion] : []));
  return serving.map((one) => ({ ...one, confidence: weaker(one.confidence, exact.confidence) }));
}

type Confidence = Suggestion["confidence"];

const weaker = (one: Confidence, other: Confidence): Confidence =>
  order[Math.min(order.indexOf(one), order.indexOf(other))] ?? "low";

/**
 * A suggestion of several objects that only work together. A `List` and not a stream of documents, so that `manifest` and `yaml` are
 * one and the same object here as everywhere; kubectl, kustomize, Argo CD and Flux take it apart.
 */
export function several(items: Manifest[], rest: Omit<Suggestion, "manifest" | "yaml">): Suggestion {
  const manifest: ManifestList = { apiVersion: "v1", kind: "List", items };
  return { manifest, yaml: toYaml(manifest), ...rest };
}

/** What is blocked today among these, as a warning; none where nothing is. */
export function opening(blocked: readonly string[]): string[] {
  const distinct = [...new Set(blocked)].sort();
  if (distinct.length === 0) return [];
  return [`${list(distinct)} ${distinct.length === 1 ? "is" : "are"} blocked today: applying this opens it.`];
}

const mostShown = 20;

/** Words in a row, as many as anybody reads. */
export function list(words: readonly string[]): string {
  const rest = words.length - mostShown;
  return `${words.slice(0, mostShown).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}
