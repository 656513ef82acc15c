/** What persons denied of what is remembered. No I/O of its own. */
import type { ClusterInventory } from "../inventory.ts";
import type { Finding, ToldFinding, Verdict } from "../model.ts";
import type { Store } from "../remember/store.ts";
import { allVerdicts } from "../verdicts/in-force.ts";
import { denialsOf, rulingsOf } from "../verdicts/rulings.ts";
import { subjectsOf } from "../verdicts/subjects.ts";

/** Why what somebody denied gets no manifest, by sighting. */
export async function denials(
  { store, reviewed }: { store: Store; reviewed: readonly Verdict[] },
  sightings: ClusterInventory["sightings"],
  { open, told, at }: { open: ReadonlyMap<string, Finding>; told: ReadonlyMap<string, ToldFinding>; at: number },
): Promise<Map<string, string>> {
  const verdicts = allVerdicts(reviewed, await store.verdicts());
  const ids = new Set([...verdicts.values()].filter((one) => one.verdict === "denied").map(({ id }) => id));
  if (ids.size === 0) return new Map();
  const byKey = new Map(sightings.map(({ sighting }) => [sighting.key, sighting]));
  return denialsOf(
    rulingsOf(verdicts, subjectsOf(ids, { sightings: byKey, findings: told, open }), { from: at, to: at }),
  );
}
