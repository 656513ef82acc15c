/** Which calls the manifests in force take. Loaded where there are manifests: it brings what knows how Istio routes. Pure. */
import { readExisting } from "../istio/in-force.ts";
import { prepare } from "../istio/route/table.ts";
import type { ExistingObject, Sighting } from "../model.ts";
import { takenBy, waysOf } from "../suggest/causes.ts";
import { meshOf, type SuggestSettings } from "../suggest/suggest.ts";
import type { Takes } from "./bypasses.ts";

/** So many manifests that cannot be understood are told one by one. */
const mostLeftOut = 10;

/**
 * Asks the manifests in force, of every destination that a run sees.
 * @returns `warnings`: which of them cannot be understood, hence are not asked, and why
 */
export function taking(
  objects: readonly ExistingObject[],
  settings: SuggestSettings,
  memory: ReadonlyMap<string, Sighting>,
): { takes: Takes; warnings: string[] } {
  const table = prepare(readExisting(objects), meshOf(settings));
  const { entries, leftOut } = table.inForce;
  const warnings = leftOut.slice(0, mostLeftOut).map(({ what, why }) => `--existing: ${what} is left out: ${why}`);
  if (leftOut.length > mostLeftOut) warnings.push(`--existing: ${leftOut.length - mostLeftOut} more are left out`);
  if (entries.length === 0) return { takes: () => null, warnings };
  const none = new Map<string, string>();
  const takes: Takes = (observation) => {
    const taken = takenBy(waysOf(observation, none, table, memory.get(observation.key)?.name ?? null), table.inForce);
    if (taken === null) return null;
    const { entry, by, causes } = taken;
    const why = `${by}. Likely causes: ${causes.join("; ")}.`;
    return { why, created: entry.created };
  };
  return { takes, warnings };
}
