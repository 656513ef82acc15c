/** A document → the Kubernetes objects in it: itself, or the items of a List. Pure. */

/** An object in a document, and where in it: `[3]` for the fourth of a List, `[]` for the document itself. */
export interface Placed {
  at: readonly number[];
  object: unknown;
}

/** Takes a document's value and gives its objects in order, those of Lists in Lists too; throws nothing. */
export function objectsIn(value: unknown): Placed[] {
  const out: Placed[] = [];
  const waiting: Placed[] = [{ at: [], object: value }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { at, object } = next;
    const items = itemsOf(object);
    if (items === null) out.push(next);
    else waiting.push(...items.map((one, index) => ({ at: [...at, index], object: one })).reverse());
  }
  return out;
}

/** Null where it is no List: any kind that ends so and has items. A typed one gives its items the kind that they leave out, as kubectl does. */
function itemsOf(value: unknown): unknown[] | null {
  if (typeof value !== "object" || value === null || !("kind" in value) || !("items" in value)) return null;
  const { kind, items } = value;
  if (typeof kind !== "string" || !kind.endsWith("List") || !Array.isArray(items)) return null;
  const apiVersion = "apiVersion" in value ? value.apiVersion : undefined;
  return items.map((item: unknown) => {
    const isPlain = typeof item === "object" && item !== null && !Array.isArray(item);
    if (!isPlain || "kind" in item || "apiVersion" in item) return item;
    return { apiVersion, kind: kind.slice(0, -"List".length), ...item };
  });
}
