/** Who called, by the line itself, else by its stream's labels. Pure. */
import type { Labels, ProxyKind, Source } from "../../model.ts";
import { readSource } from "../source.ts";
import { type Gateways, gatewaysOf } from "./gateways.ts";
import { workloadOf } from "./pod.ts";
import type { Hints } from "./told.ts";

/** Labels by the names that Promtail, Alloy, Fluent Bit, Vector and OpenTelemetry give them; the first one present wins. docs/logs.md lists them. */
export const labelKeys = {
  namespace: ["namespace", "namespace_name", "k8s_namespace_name", "kubernetes_namespace_name", "kubernetes_namespace"],
  workload: ["workload", "k8s_deployment_name", "k8s_statefulset_name", "k8s_daemonset_name", "k8s_cronjob_name"],
  pod: ["pod", "pod_name", "k8s_pod_name", "kubernetes_pod_name", "instance_pod"],
  app: ["app", "app_kubernetes_io_name", "k8s_app", "kubernetes_labels_app"],
  cluster: ["source_cluster", "k8s_cluster_name"],
} as const;

export interface Caller {
  proxy: ProxyKind;
  source: Source;
  via: Source | null;
  /** Namespace and workload are known. */
  sourced: boolean;
  /** The source is a service account, since its workload is not told. */
  byAccount: boolean;
}

export interface StreamOwner {
  source: Source;
  isGateway: boolean;
}

/** The workload whose log the stream is, as far as its labels tell. */
export function streamOwner(labels: Labels, gateways: Gateways = gatewaysOf()): StreamOwner {
  const first = (keys: readonly string[]) =>
    keys.map((key) => labels[key]).find((one) => one !== undefined && one !== "");
  const pod = first(labelKeys.pod);
  const named = first(labelKeys.workload) ?? (pod === undefined ? first(labelKeys.app) : workloadOf(pod));
  const source = sourceOf(first(labelKeys.cluster), first(labelKeys.namespace), named);
  const names = [source.workload, labels.istio ?? labels.label_istio ?? "", first(labelKeys.app) ?? ""];
  return { source, isGateway: names.some((workload) => gateways.is({ ...source, workload })) };
}

/** @param owner of the stream; a ztunnel's line is about others' calls, and so is an egress gateway's */
export function callerOf(
  proxy: "envoy" | "ztunnel",
  hints: Hints,
  owner: StreamOwner,
  gateways: Gateways = gatewaysOf(),
): Caller {
  const named = hints.workload ?? (hints.pod === null ? null : workloadOf(hints.pod));
  const account = spiffe(hints.principal);
  const own = owner.source;
  if (proxy === "ztunnel") {
    const source = sourceOf(own.cluster, hints.namespace ?? account?.namespace, named ?? account?.name);
    return caller("ztunnel", source, null, named === null && account !== null);
  }
  const isNamed = named !== null && gateways.is({ namespace: hints.namespace ?? own.namespace, workload: named });
  if (!owner.isGateway && !isNamed) {
    const source = sourceOf(own.cluster, hints.namespace ?? known(own.namespace), named ?? known(own.workload));
    return caller("sidecar", source, null, false);
  }
  const gateway = sourceOf(own.cluster, known(own.namespace) ?? hints.namespace, known(own.workload) ?? named);
  if (named !== null && !isNamed) {
    const source = sourceOf(own.cluster, hints.namespace ?? account?.namespace ?? known(own.namespace), named);
    return caller("gateway", source, gateway, false);
  }
  if (account === null) return caller("gateway", gateway, null, false);
  return caller("gateway", sourceOf(own.cluster, account.namespace, account.name), gateway, true);
}

function caller(proxy: ProxyKind, source: Source, via: Source | null, byAccount: boolean): Caller {
  return { proxy, source, via, byAccount, sourced: source.namespace !== "unknown" && source.workload !== "unknown" };
}

const known = (name: string): string | null => (name === "unknown" ? null : name);

/** The same rules for names as for those in metrics' labels. */
function sourceOf(
  cluster: string | undefined,
  namespace: string | null | undefined,
  workload: string | null | undefined,
): Source {
  return readSource({
    source_cluster: cluster ?? "",
    source_workload_namespace: namespace ?? "",
    source_workload: workload ?? "",
  });
}

/** `spiffe://TRUST_DOMAIN/ns/NAMESPACE/sa/NAME`, which Istio gives every workload; of several, in commas, the first. */
function spiffe(principal: string | null): { namespace: string; name: string } | null {
  const [, namespace, name] =
    /^(?:spiffe:\/\/)?[^/,]+\/ns\/([^/,]{1,253})\/sa\/([^/,]{1,253})(?:,|$)/.exec(principal ?? "") ?? [];
  return namespace === undefined || name === undefined ? null : { namespace, name };
}
