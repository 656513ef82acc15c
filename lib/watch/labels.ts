/** Policies for workloads by label, in a run: whose labels those are is asked of kube-state-metrics. No I/O of its own. */
import type { Window } from "../model.ts";
import { workloadOf } from "../observe/logs/pod.ts";
import { type Policies, withLabels } from "../policy/index.ts";
import type { Telemetry } from "../poll/telemetry.ts";
import { workloadLabels } from "../poll/workload-labels.ts";

/**
 * The policies, as far as labels are told, with the labels of those who call: one question, and only where some policy is by label. A
 * workload's own labels go before those of its pods. Where none of the labels asked for is told the policies are as they were, and decide nothing.
 */
export async function labelledPolicies(
  telemetry: Telemetry,
  policies: Policies,
  window: Window,
  matchers: string,
): Promise<Policies> {
  const found = await workloadLabels(telemetry, policies.labelKeys, window, matchers);
  if (found.length === 0) return policies;
  const all = new Map<string, Record<string, string>>();
  const order = (one: (typeof found)[number]) => (one.workload === null ? 1 : 0);
  for (const { namespace, workload, pod, labels } of found.toSorted((a, b) => order(a) - order(b))) {
    const key = `${namespace}/${workload ?? workloadOf(pod ?? "")}`;
    all.set(key, { ...labels, ...all.get(key) });
  }
  const told = new Set(found.flatMap(({ labels }) => Object.keys(labels)));
  if (!policies.labelKeys.some((key) => told.has(key))) return policies;
  return withLabels(policies, ({ namespace, workload }) => all.get(`${namespace}/${workload}`) ?? null, told);
}
