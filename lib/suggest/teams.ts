/** Whose workloads are whose, as far as the findings of a run tell. */
import type { Finding } from "../model.ts";
import type { TeamOf } from "./family.ts";

/**
 * The team of a source: what a finding says of that workload, or else of its namespace where all findings in it are one team's; null
 * where nobody knows. Sightings keep no owner, and owners are another stage's. Throws nothing.
 */
export function teamsOf(findings: readonly Finding[]): TeamOf {
  const teams = new Map<string, Set<string>>();
  for (const { source, owner } of findings) {
    const { cluster, namespace, workload } = source;
    for (const place of [`${cluster}\n${namespace}`, `${cluster}\n${namespace}\n${workload}`]) {
      teams.set(place, (teams.get(place) ?? new Set()).add(owner.team));
    }
  }
  return ({ cluster, namespace, workload }) => {
    const known = teams.get(`${cluster}\n${namespace}\n${workload}`) ?? teams.get(`${cluster}\n${namespace}`);
    const [team, ...others] = known ?? [];
    return team === undefined || others.length > 0 ? null : team;
  };
}
