/** What is remembered of clusters, with what persons decided about it: what `report` tells. No I/O of its own. */

import { clustersOf } from "./clusters.ts";
import { findingId } from "./detect/finding-id.ts";
import type { Sighting, Verdict } from "./model.ts";
import type { Store } from "./remember/store.ts";
import { type Listed, listVerdicts } from "./verdicts/decide.ts";
import { holdsAt } from "./verdicts/in-force.ts";
import { type Precision, precisionOf, type Sum, sumOf } from "./verdicts/precision.ts";
import { newKind, sightingKinds } from "./verdicts/subjects.ts";

export interface ClusterInventory {
  cluster: string;
  /** The end of the last run, ms. */
  lastRun: number | null;
  /** By namespace, workload and destination; `id` is that of the finding that it is or was new, for `verdict set`. */
  sightings: { id: string; sighting: Sighting; verdict: Verdict | null }[];
  precision: Precision[];
  /** Of all detectors and owners. */
  sum: Sum;
}

export interface Inventory {
  /** When it is made, ms. */
  at: number;
  clusters: ClusterInventory[];
  verdicts: Listed[];
}

/**
 * @param only one cluster; null for all
 * @throws ScoutError `usage` for a cluster that nothing is remembered of; `store/…`
 */
export async function inventory(
  store: Store,
  reviewed: readonly Verdict[],
  { only, at }: { only: string | null; at: number },
): Promise<Inventory> {
  const verdicts = await listVerdicts(store, reviewed);
  const byId = new Map(verdicts.map(({ verdict }) => [verdict.id, verdict]));
  const ofSighting = bySighting(verdicts, at);
  const clusters: ClusterInventory[] = [];
  for (const cluster of await clustersOf(store, only)) {
    const sightings = [...(await store.recall(cluster)).values()];
    const precision = precisionOf((await store.findings(cluster)).values(), byId);
    clusters.push({
      cluster,
      lastRun: (await store.progress(cluster))?.end ?? null,
      sightings: sightings.sort(byPlace).map((sighting) => ({
        id: findingId(newKind(sighting.destination), sighting.key),
        sighting,
        verdict: ofSighting.get(sighting.key) ?? null,
      })),
      precision,
      sum: sumOf(precision),
    });
  }
  return { at, clusters, verdicts };
}

/** The verdict that holds on what is about one sighting; a denial before others, since it is the stronger word. */
function bySighting(verdicts: readonly Listed[], now: number): Map<string, Verdict> {
  const found = new Map<string, Verdict>();
  for (const { verdict, subject } of verdicts) {
    if (subject === null || !holdsAt(verdict, now) || !sightingKinds.some((kind) => kind === subject.kind)) continue;
    if (found.get(subject.key)?.verdict !== "denied") found.set(subject.key, verdict);
  }
  return found;
}

/** By namespace, workload and destination; no two sightings of a cluster have the same. */
export function placeKey({ key, source, destination }: Sighting): string {
  const { host, address, claim, port, protocol } = destination;
  const place = [host ?? address ?? claim ?? "", String(port ?? 0).padStart(5, "0"), protocol, key];
  return [source.namespace, source.workload, source.cluster, ...place].join("\u0000");
}

const byPlace = (one: Sighting, other: Sighting): number => (placeKey(one) < placeKey(other) ? -1 : 1);
