/** Which flows a page shows where there are too many. Pure. */
import type { Sighting } from "../model.ts";

/** Of one cluster: to work out the manifests of more takes a process more than half a minute and a gigabyte. */
export const mostFlows = 5_000;

/**
 * Those with an open finding, then the blocked, then the newest and those called last; in the order that they came in.
 * @param openKeys the sightings that open findings are about
 */
export function mostImportant<T extends { sighting: Sighting }>(
  all: readonly T[],
  openKeys: ReadonlySet<string>,
  most = mostFlows,
): T[] {
  if (all.length <= most) return [...all];
  const rank = ({ key, destination }: Sighting) => (openKeys.has(key) ? 0 : destination.verdict === "blocked" ? 1 : 2);
  const chosen = all
    .toSorted(
      ({ sighting: one }, { sighting: other }) =>
        rank(one) - rank(other) || other.firstSeen - one.firstSeen || other.lastSeen - one.lastSeen,
    )
    .slice(0, most);
  const kept = new Set(chosen);
  return all.filter((one) => kept.has(one));
}
