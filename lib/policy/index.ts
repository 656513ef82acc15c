/** The policies of the config, ready to decide. Pure; used by what detects, what suggests and `policy test`. */
import type { Destination, Name } from "../model.ts";
import { type Compiled, type Decision, decision, nameless } from "./decision.ts";
import { type Caller, hasLabels, isFor, isForNamespace, type Policy } from "./from.ts";
import { holds, listOf, touches } from "./list.ts";
import { type Spoken, spokenOf } from "./spoken.ts";

export type { Decision } from "./decision.ts";
export { type Caller, isFor, type Policy } from "./from.ts";
export { type Pattern, parsePattern } from "./pattern.ts";
export { spoken } from "./spoken.ts";

export interface Policies {
  /** As they stand in the config. */
  all: readonly Policy[];
  /** Names of policies by label: where labels are not known, as in metrics, they decide nothing. */
  byLabel: readonly string[];
  /** The labels that those ask for. */
  labelKeys: readonly string[];
  /** May the caller call the name? Null: no name is known, and nothing is decided. */
  decide(caller: Caller, name: Spoken | null): Decision;
  /**
   * The decision that forbids a destination by its Host or SNI, or where it has none by all the names that are confirmed for its
   * address: of several only one was meant, and nobody knows which. Null where nothing forbids it.
   */
  forbids(caller: Caller, destination: Destination, confirmed: readonly string[]): Decision | null;
  /** Is the policy for workloads of the namespace? */
  isFor(policy: Policy, namespace: string): boolean;
  /** The policy that may forbid something below the domain to a workload of the namespace; null where none does. */
  againstWildcard(namespace: string, domain: string): string | null;
}

/** Those that are for a caller, with what they decided before. */
interface Group {
  policies: readonly Compiled[];
  decided: Map<string, Decision>;
}

/**
 * Deny beats allow, over all policies. Where a policy for the caller has an allow list, what no such list allows is denied (several
 * are added up, as Istio's ALLOW policies are); an empty list allows nothing. Without a policy for the caller all is allowed.
 * Callers for whom the same policies are share one memory of decisions.
 */
export function policiesOf(all: readonly Policy[]): Policies {
  const compiled = all.map((policy) => ({
    policy,
    allow: policy.allow === undefined ? null : listOf(policy.allow),
    deny: listOf(policy.deny ?? []),
  }));
  const callers = new Map<string, Group>();
  const groups = new Map<string, Group>();
  const groupOf = (caller: Caller): Group => {
    const key = JSON.stringify([caller.namespace, caller.workload, caller.labels ?? null]);
    const known = callers.get(key);
    if (known !== undefined) return known;
    const policies = compiled.filter(({ policy }) => isFor(policy, caller) === "yes");
    const same = JSON.stringify(policies.map(({ policy }) => compiled.findIndex((one) => one.policy === policy)));
    const group = groups.get(same) ?? { policies, decided: new Map() };
    groups.set(same, group);
    callers.set(key, group);
    return group;
  };
  const decide = (caller: Caller, name: Spoken | null): Decision => {
    if (name === null) return nameless;
    const { policies, decided } = groupOf(caller);
    const key = `${name.isPlain ? "" : " "}${name.name}`;
    const made = decided.get(key) ?? decision(policies, name);
    decided.set(key, made);
    return made;
  };
  return {
    all,
    byLabel: all.filter(hasLabels).map((one) => one.name),
    labelKeys: [...new Set(all.flatMap(({ from }) => Object.keys(from?.label ?? {})))].sort(),
    decide,
    forbids(caller, destination, confirmed) {
      if (all.length === 0) return null;
      const own = spokenOf(destination);
      const names = own !== null ? [own] : confirmed.map((name) => ({ name, isPlain: true }));
      const decisions = names.map((name) => decide(caller, name));
      return decisions.every((one) => !one.allowed) ? (decisions[0] ?? null) : null;
    },
    isFor: isForNamespace,
    againstWildcard(namespace, domain) {
      const here = all.filter((one) => isForNamespace(one, namespace));
      const denying = here.find((one) => touches(one.deny ?? [], domain));
      const listing = here.find((one) => one.allow !== undefined && !holds(one.allow, domain));
      return (denying ?? listing)?.name ?? null;
    },
  };
}

/**
 * The same policies with the labels of callers; null for one whose labels nobody knows.
 * @param told the labels that are told of anybody: policies by another one decide nothing
 */
export function withLabels(
  policies: Policies,
  labelsOf: (caller: Caller) => Caller["labels"],
  told: ReadonlySet<string>,
): Policies {
  const known = (caller: Caller): Caller => ({ ...caller, labels: caller.labels ?? labelsOf(caller) ?? null });
  return {
    ...policies,
    byLabel: policies.all
      .filter(({ from }) => Object.keys(from?.label ?? {}).some((key) => !told.has(key)))
      .map((one) => one.name),
    decide: (caller, name) => policies.decide(known(caller), name),
    forbids: (caller, destination, confirmed) => policies.forbids(known(caller), destination, confirmed),
  };
}

/** The names of a destination's address that count for policies. */
export const confirmedOf = (names: readonly (Name | null)[]): string[] =>
  names.flatMap((one) => (one?.trust === "confirmed" && one.from !== "host" && one.from !== "sni" ? [one.name] : []));
