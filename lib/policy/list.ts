/** A policy's list of patterns, made ready to be asked often. Pure. */
import { type Pattern, parsePattern } from "./pattern.ts";

/** The first pattern of the list, in its order, that a name matches; null where none does. The name is in lower case. */
export type List = (name: string) => string | null;

/** The patterns of a list; those that are none are left out, since the config was checked for them. */
export function patternsOf(texts: readonly string[]): Pattern[] {
  return texts.map(parsePattern).flatMap((one) => ("fault" in one ? [] : [one]));
}

/** A list by what its patterns begin or end with, so that a long list costs no more than the labels of a name. */
export function listOf(texts: readonly string[]): List {
  const patterns = patternsOf(texts);
  const ranks = { exact: new Map<string, number>(), suffix: new Map<string, number>() };
  const rest: [pattern: Pattern, rank: number][] = [];
  for (const [rank, pattern] of patterns.entries()) {
    const { kind, text } = pattern;
    if (kind === "exact" || kind === "suffix") ranks[kind].set(text, ranks[kind].get(text) ?? rank);
    else rest.push([pattern, rank]);
  }
  return (name) => {
    if (name === "") return null;
    let best = ranks.exact.get(name) ?? patterns.length;
    for (let dot = name.indexOf("."); dot !== -1; dot = name.indexOf(".", dot + 1)) {
      // `*.x` is a name that ends in `.x` and has something before it.
      if (dot > 0) best = Math.min(best, ranks.suffix.get(name.slice(dot)) ?? best);
    }
    for (const [{ kind, text }, rank] of rest) {
      if (rank < best && (kind === "any" || name.startsWith(text))) best = rank;
    }
    return patterns[best]?.written ?? null;
  };
}

/** May any name below `domain` match a pattern of the list? */
export function touches(texts: readonly string[], domain: string): boolean {
  return patternsOf(texts).some(({ kind, text }) => {
    if (kind === "exact") return text.endsWith(`.${domain}`);
    return kind !== "suffix" || text.endsWith(`.${domain}`) || `.${domain}`.endsWith(text);
  });
}

/** Does every name below `domain` match a pattern of the list? */
export function holds(texts: readonly string[], domain: string): boolean {
  return patternsOf(texts).some(
    ({ kind, text }) => kind === "any" || (kind === "suffix" && `.${domain}`.endsWith(text)),
  );
}
