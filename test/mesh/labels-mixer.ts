/**
 * The label sets of Istio 1.3 with Mixer, as the blog post that introduced the catch-alls' metrics shows them: no canonical
 * labels, no cluster, "unknown" for what a pod lacks, `destination_ip` only where a closed TCP connection is counted.
 */
import type { Labels, Peer } from "./labels.ts";

function common(source: Peer, service: string, name: string): Record<string, string> {
  return {
    connection_security_policy: "unknown",
    destination_app: "unknown",
    destination_principal: "unknown",
    destination_service: service,
    destination_service_name: name,
    destination_service_namespace: "unknown",
    destination_version: "unknown",
    destination_workload: "unknown",
    destination_workload_namespace: "unknown",
    reporter: "source",
    response_flags: "-",
    source_app: source.app || "unknown",
    source_principal: "unknown",
    source_version: source.version || "unknown",
    source_workload: source.workload,
    source_workload_namespace: source.namespace,
  };
}

/** HTTP through a catch-all; `name` is PassthroughCluster or BlackHoleCluster, `host` the raw Host header. */
export function mixerHttp(source: Peer, name: string, call: { host: string; protocol: string; code: number }): Labels {
  return {
    ...common(source, call.host, name),
    permissive_response_code: "none",
    permissive_response_policyid: "none",
    request_protocol: call.protocol,
    response_code: String(call.code),
  };
}

/** TCP through a catch-all; `added` is the address label of the closed counter. Flags are "-" even where it was blocked. */
export function mixerTcp(source: Peer, name: string, added: Labels): Labels {
  return { ...common(source, "unknown", name), ...added };
}
