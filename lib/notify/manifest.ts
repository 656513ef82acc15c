/** The manifest a message shows: the first suggestion's, whole or not at all. Pure. */
import type { Finding, Message, Suggestion } from "../model.ts";

/** The suggestion to show; null where there is none, or where the finding is over and nothing is left to apply. */
export function firstSuggestion(finding: Finding, message: Message): Suggestion | null {
  if (message.reason === "resolved" || finding.state === "resolved") return null;
  return finding.suggestions[0] ?? null;
}

/**
 * The YAML, ending in a newline; null where it holds what a reader could not see or copy as it is (control and invisible
 * characters): half-shown YAML is worse than none.
 */
export function wholeYaml(suggestion: Suggestion): string | null {
  if (/[^\P{C}\n]/u.test(suggestion.yaml)) return null;
  return suggestion.yaml.endsWith("\n") ? suggestion.yaml : `${suggestion.yaml}\n`;
}

/** Said in place of a manifest that is not shown. `id` is the finding's, already fit to print. */
export function elsewhere(id: string): string {
  return `The manifest is too long to show here: the full manifest is in the scan's output (--format json), finding ${id}.`;
}
