/** Keys of YAML that are no text, and keys that are there twice. Pure. */
import { type Document, isAlias, isCollection, isNode, isScalar, visit } from "yaml";

export interface KeyFault {
  kind: "collection" | "twice";
  /** The library's position in the text. */
  at: number;
}

/**
 * The first key that is itself a list or an object (`? [a]`), and before it those that their object has already, in order. Nobody means the first, kubectl
 * takes none, and to make a text of one that nests takes minutes: `- ? ` four hundred times over. The library looks for the second by
 * comparing each with each (`uniqueKeys`), 8 s for 100 KB.
 */
export function keyFaults(document: Document.Parsed): KeyFault[] {
  const found: KeyFault[] = [];
  visit(document, {
    Map(_, map) {
      const before = new Set<unknown>();
      for (const { key } of map.items) {
        const at = isNode(key) ? (key.range?.[0] ?? 0) : 0;
        if (isCollection(isAlias(key) ? key.resolve(document) : key)) {
          found.push({ kind: "collection", at });
          return visit.BREAK;
        }
        if (!isScalar(key)) continue;
        if (before.has(key.value)) found.push({ kind: "twice", at });
        before.add(key.value);
      }
      return;
    },
  });
  return found;
}
