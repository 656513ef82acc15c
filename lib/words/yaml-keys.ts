/** Keys of YAML that are no text. Pure. */
import { type Document, isAlias, isCollection, isNode, visit } from "yaml";

/**
 * Where the first key stands that is itself a list or an object (`? [a]`), as the library's position; null where there is none.
 * Nobody means such a key, kubectl takes none, and to make a text of one that nests takes minutes: `- ? ` four hundred times over.
 */
export function collectionKey(document: Document.Parsed): number | null {
  let found: number | null = null;
  visit(document, {
    Pair(_, { key }) {
      const meant = isAlias(key) ? key.resolve(document) : key;
      if (!isCollection(meant)) return;
      found = isNode(key) ? (key.range?.[0] ?? 0) : 0;
      return visit.BREAK;
    },
  });
  return found;
}
