/** Labels → the calling workload. Pure. */
import type { Labels, Source } from "../model.ts";
import { printable } from "../words/printable.ts";

/** A label's value, with Istio's ways of saying "nothing" (absent, empty, `unknown`, `-`) as null. */
export function known(labels: Labels, name: string): string | null {
  const value = labels[name];
  return value === undefined || value === "" || value === "unknown" || value === "-" ? null : value;
}

/** `cluster` is the `source_cluster` label here, or empty: which name people see is decided when all rows are known. */
export function readSource(labels: Labels): Source {
  return {
    cluster: name(labels, "source_cluster") ?? "",
    namespace: name(labels, "source_workload_namespace") ?? "unknown",
    workload: name(labels, "source_workload") ?? "unknown",
  };
}

/** A Kubernetes or cluster name as it is; anything else made printable, since pods can set the proxy's metadata. */
function name(labels: Labels, label: string): string | null {
  const value = known(labels, label);
  return value === null || /^[\w.:-]{1,253}$/.test(value) ? value : printable(value).slice(1, -1);
}
