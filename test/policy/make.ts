/** Policies for tests. */
import { type Policies, type Policy, policiesOf, spoken } from "../../lib/policy/index.ts";

/** The example that the project began with: all of Wikipedia but the English one. */
export const wikipedia: Policy = {
  name: "wikipedia",
  from: { namespace: "*" },
  allow: ["*.wikipedia.org"],
  deny: ["en.wikipedia.org"],
};

export const caller = { namespace: "shop", workload: "web" };

/** `allowed`, or `denied`, the policy and its rule. */
export function said(policies: Policies, name: string, from: Parameters<Policies["decide"]>[0] = caller): string {
  const { allowed, policy, rule } = policies.decide(from, spoken(name));
  return [allowed ? "allowed" : "denied", policy, rule].filter((one) => one !== null).join(" | ");
}

export const judged = (list: readonly Policy[], name: string, from = caller) => said(policiesOf(list), name, from);
