/** Whom a policy is for. Pure. */
import { globMatches } from "../words/glob.ts";

/** A policy of the config. */
export interface Policy {
  name: string;
  /** Globs; one left out matches all. */
  from?: From | undefined;
  /** Patterns: all else is denied to `from`. */
  allow?: readonly string[] | undefined;
  deny?: readonly string[] | undefined;
}

export interface From {
  namespace?: string | undefined;
  workload?: string | undefined;
  /** A label's value, or a glob of it: all of them have to match. */
  label?: Readonly<Record<string, string>> | undefined;
}

/** Who calls. `labels`: those of the workload, where they are known; then a label that is not there matches nothing. */
export interface Caller {
  namespace: string;
  workload: string;
  labels?: Readonly<Record<string, string>> | null;
}

/** Has the policy a clause about labels? */
export const hasLabels = ({ from }: Policy): boolean => Object.keys(from?.label ?? {}).length > 0;

/** Is the policy for this caller? One by label is not for a caller whose labels nobody knows: `unsure` then, where all else fits. */
export function isFor(policy: Policy, caller: Caller): "yes" | "no" | "unsure" {
  const { namespace = "*", workload = "*", label = {} } = policy.from ?? {};
  if (!globMatches(namespace, caller.namespace) || !globMatches(workload, caller.workload)) return "no";
  if (!hasLabels(policy)) return "yes";
  const { labels = null } = caller;
  if (labels === null) return "unsure";
  const fits = Object.entries(label).every(
    ([key, glob]) => Object.hasOwn(labels, key) && globMatches(glob, labels[key] ?? ""),
  );
  return fits ? "yes" : "no";
}

/** May the policy be for some workload of the namespace? */
export const isForNamespace = (policy: Policy, namespace: string): boolean =>
  globMatches(policy.from?.namespace ?? "*", namespace);
