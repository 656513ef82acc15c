/** What the policies of the config forbid, and persons deny: nothing that is suggested may open it, for anybody in a namespace. */
import type { Finding, Sighting, Source } from "../model.ts";
import { confirmedOf, type Decision, type Policies } from "../policy/index.ts";
import type { Entry } from "./entry.ts";
import { entryOf, groupKey } from "./evidence.ts";

type Place = Pick<Finding, "source" | "destination">;

export interface Forbidden {
  /** Why a finding's own destination is forbidden to its caller, as a sentence; null where it is not. */
  reason(finding: Finding): string | null;
  /** Sightings that are not forbidden; the others are noted. */
  sift(sightings: Iterable<Sighting>): Generator<Sighting>;
  /** Why the entry is not to be in the namespace of the source: one of its workloads may not call it. Null where it may. */
  barred(source: Source, entry: Entry): string | null;
  /** May an entry for all names below the domain open something that is forbidden there? */
  opensForbidden(namespace: string, domain: string): boolean;
}

/**
 * Looks once at each finding. `names` maps addresses to confirmed names; `denials` tells by key why a sighting is denied. Throws nothing.
 */
export function forbidden(
  findings: readonly Finding[],
  policies: Policies | null,
  names: ReadonlyMap<string, string>,
  denials: ReadonlyMap<string, string> = new Map(),
): Forbidden {
  const bars = new Map<string, string>();
  const bar = ({ source, destination }: Place, why: string) => {
    const entry = entryOf(destination, names);
    if (entry === null) return;
    const who = `${source.namespace}/${source.workload}`;
    bars.set(
      groupKey(source, entry),
      `An entry would open it to the whole namespace, and ${who} may not call it. ${why}`,
    );
  };
  const decisionOf = ({ source, destination, names: known }: Finding): Decision | null =>
    policies?.forbids(source, destination, confirmedOf(known)) ?? null;
  const whyNot = (one: Finding): string | null => denials.get(one.key) ?? decisionOf(one)?.why ?? null;
  for (const one of findings) {
    const why = whyNot(one);
    if (why !== null) bar(one, why);
  }
  return {
    reason(finding) {
      const denial = denials.get(finding.key);
      if (denial !== undefined) return denial;
      const decision = decisionOf(finding);
      return decision === null ? null : `${decision.why} A manifest would undo the policy.`;
    },
    *sift(sightings) {
      for (const one of sightings) {
        const decision = policies?.forbids(one.source, one.destination, confirmedOf([one.name])) ?? null;
        const why = denials.get(one.key) ?? decision?.why ?? null;
        if (why === null) yield one;
        else bar(one, why);
      }
    },
    barred: (source, entry) => bars.get(groupKey(source, entry)) ?? null,
    opensForbidden: (namespace, domain) => (policies?.againstWildcard(namespace, domain) ?? null) !== null,
  };
}
