/** The plan that somebody asks for: of which cluster, and of it the part of one namespace. No I/O of its own. */

import { ScoutError } from "../errors.ts";
import type { Planned } from "../plan.ts";
import { printable } from "../words/printable.ts";
import type { ApiParts, Plans } from "./parts.ts";

export interface AskedPlan {
  cluster?: string | undefined;
  namespace?: string | undefined;
  since?: Parameters<Plans["plan"]>[1] | undefined;
}

/** The plan of a cluster, or of one of its namespaces alone. @throws ScoutError `usage` for a cluster that the config does not have */
export async function planOf(
  { plans, clusters }: Pick<ApiParts, "plans" | "clusters">,
  { cluster, namespace, since }: AskedPlan,
): Promise<Planned | null> {
  const planned = await plans.plan(clusterOf(clusters, cluster), since ?? null);
  return planned === null || namespace === undefined ? planned : within(planned, namespace);
}

/** What is said of the cluster as a whole stays: what is blocked, blind, in conflict. */
function within(planned: Planned, namespace: string): Planned {
  const isOurs = (one: { namespace: string }) => one.namespace === namespace;
  return {
    ...planned,
    flows: planned.flows.filter(({ finding }) => isOurs(finding.source)),
    namespaces: planned.namespaces.filter(isOurs),
    manifests: planned.manifests.filter(({ metadata }) => metadata.namespace === namespace),
    unused: planned.unused.filter(isOurs),
    wide: planned.wide.filter(isOurs),
  };
}

/** The one that is named, or the only one. @throws ScoutError `usage` */
export function clusterOf(clusters: readonly string[], named: string | undefined): string {
  const [only, ...others] = clusters;
  if (named === undefined && only !== undefined && others.length === 0) return only;
  if (named !== undefined && clusters.includes(named)) return named;
  const said = named === undefined ? "name a cluster" : `the config has no cluster ${printable(named)}`;
  const mend = clusters.length === 0 ? "it has none: give serve a --config" : `it has: ${clusters.join(", ")}`;
  throw new ScoutError("usage", said, { mend });
}
