/** Of which clusters something is remembered. No I/O of its own. */
import { ScoutError } from "./errors.ts";
import type { Store } from "./remember/store.ts";
import { printable } from "./words/printable.ts";

/**
 * @param only one cluster; null for all
 * @throws ScoutError `usage` for a cluster that nothing is remembered of; `store/…`
 */
export async function clustersOf(store: Pick<Store, "clusters">, only: string | null): Promise<string[]> {
  const names = await store.clusters();
  if (only === null) return names;
  if (names.includes(only)) return [only];
  const mend = names.length === 0 ? "let a scan learn it first" : `known are: ${names.join(", ")}`;
  throw new ScoutError("usage", `nothing is remembered of a cluster ${printable(only)}`, { mend });
}
