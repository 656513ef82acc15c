/** The manifest a message shows: the first suggestion's, whole or not at all. Pure. */
import type { Finding, Message, Suggestion } from "../model.ts";

/** The suggestion to show; null where there is none, or where the finding is over and nothing is left to apply. */
export function firstSuggestion(finding: Finding, message: Message): Suggestion | null {
  if (message.reason === "resolved" || finding.state === "resolved") return null;
  return finding.suggestions[0] ?? null;
}

/** A suggestion, and the first finding that has it. */
export interface Offer {
  id: string;
  suggestion: Suggestion;
}

/** The suggestions to show for several findings, each manifest once. */
export function offers(findings: readonly Finding[], message: Message): Offer[] {
  const byYaml = new Map<string, Offer>();
  for (const finding of findings) {
    const suggestion = firstSuggestion(finding, message);
    if (suggestion === null || byYaml.has(suggestion.yaml)) continue;
    byYaml.set(suggestion.yaml, { id: finding.id, suggestion });
  }
  return [...byYaml.values()];
}

/** So many of them with the shortest YAML, in the order that they stand: most are shown where not all are. */
export function shortest<One extends { suggestion: Suggestion }>(all: readonly One[], count: number): One[] {
  const some = new Set(all.toSorted((a, b) => a.suggestion.yaml.length - b.suggestion.yaml.length).slice(0, count));
  return all.filter((one) => some.has(one));
}

/** Why there is no manifest, for how many of the findings, the most frequent first. */
export function reasonsForNone(findings: readonly Finding[]): [why: string, count: number][] {
  const counts = new Map<string, number>();
  for (const { noSuggestion: why } of findings) if (why !== null) counts.set(why, (counts.get(why) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}

/**
 * The YAML, ending in a newline; null where it holds what a reader could not see or copy as it is (control and invisible
 * characters): half-shown YAML is worse than none.
 */
export function wholeYaml(suggestion: Pick<Suggestion, "yaml">): string | null {
  if (/[^\P{C}\n]/u.test(suggestion.yaml)) return null;
  return suggestion.yaml.endsWith("\n") ? suggestion.yaml : `${suggestion.yaml}\n`;
}

const inOutput = "in the scan's output (--format json)";

/** Said in place of the manifests of an entry that are not shown; null where none is left out. `mark` makes an id fit to print. */
export function elsewhere(left: readonly Offer[], all: readonly Offer[], mark: (id: string) => string): string | null {
  const [first, ...others] = left;
  if (first === undefined) return null;
  if (all.length === 1)
    return `The manifest is too long to show here: the full manifest is ${inOutput}, finding ${mark(first.id)}.`;
  const some = left
    .slice(0, 3)
    .map(({ id }) => mark(id))
    .join(", ");
  const more = left.length > 3 ? ` and ${left.length - 3} more` : "";
  if (others.length === 0) return `One manifest is not shown here: the full manifest is ${inOutput}, finding ${some}.`;
  return `${left.length} manifests are not shown here: they are ${inOutput}, findings ${some}${more}.`;
}
