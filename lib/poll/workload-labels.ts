/** Labels of workloads, as kube-state-metrics tells them: asked only where a policy is by label. */

import { isTooExpensive } from "../errors.ts";
import type { Series, Window } from "../model.ts";
import { formatDuration } from "../words/duration.ts";
import type { Telemetry } from "./telemetry.ts";

/** A workload, or a pod of one, and its labels by Kubernetes' own keys; those it has not are left out. */
export interface Labelled {
  namespace: string;
  /** Null where it is a pod. */
  workload: string | null;
  pod: string | null;
  labels: Record<string, string>;
}

const hour = 60 * 60_000;
/** Metrics whose objects Istio names workloads by; `kube_pod_labels` for the rest. */
const metrics = "kube_(pod|deployment|statefulset|daemonset|cronjob|job)_labels";
const workloads = ["deployment", "statefulset", "daemonset", "cronjob", "job_name"];
/** Without `honor_labels` Prometheus keeps the labels of the scraped under these names, and its own under theirs. */
const exported = (name: string): string => `exported_${name}`;

/**
 * A label's name in kube-state-metrics: what Prometheus does not take is `_`, and capitals are taken apart
 * (kube-state-metrics internal/store/utils.go, mapToPrometheusLabels, lintLabelName).
 */
export const labelOf = (key: string): string =>
  `label_${key
    .replace(/[^a-zA-Z0-9_]/g, "_")
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()}`;

/** One query. Empty where kube-state-metrics is not scraped, or gives none of these labels (--metric-labels-allowlist). */
export async function workloadLabels(
  telemetry: Telemetry,
  keys: readonly string[],
  { from, to }: Window,
  matchers: string,
): Promise<Labelled[]> {
  if (keys.length === 0 || from >= to) return [];
  const own = ["namespace", "pod", ...workloads];
  const by = [...own, ...own.map(exported), ...keys.map(labelOf)].join(",");
  const more = matchers.trim().replace(/,$/, "");
  const selector = `{__name__=~"${metrics}"${more === "" ? "" : `,${more}`}}`;
  const range = formatDuration(Math.min(to - from, hour));
  try {
    const rows = await telemetry.vector(`group by (${by}) (last_over_time(${selector}[${range}]))`, to);
    return rows.flatMap((row) => read(row, keys));
  } catch (thrown) {
    if (isTooExpensive(thrown)) return [];
    throw thrown;
  }
}

function read({ labels }: Series, keys: readonly string[]): Labelled[] {
  const at = (name: string): string | null => labels[exported(name)] || labels[name] || null;
  const namespace = at("namespace");
  const workload = workloads.map(at).find((name) => name !== null) ?? null;
  const pod = at("pod");
  if (namespace === null || (workload === null && pod === null)) return [];
  const told = keys.flatMap((key) => {
    const value = labels[labelOf(key)];
    return value === undefined || value === "" ? [] : [[key, value] as const];
  });
  return [{ namespace, workload, pod: workload === null ? pod : null, labels: Object.fromEntries(told) }];
}
