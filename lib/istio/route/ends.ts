/** What becomes of a connection that has found its service. */
import type { EntryPort, MeshSettings, ServiceEntry } from "../in-force.ts";
import type { Cluster } from "./clusters.ts";
import { nameOf, type Reaches } from "./flow.ts";
import type { Scope } from "./scope.ts";
import type { Offer } from "./service.ts";
import { versionAtLeast } from "./version.ts";

export interface End {
  /** Whose cluster it is: of entries with one host, the first that has the port. */
  entry: ServiceEntry;
  port: EntryPort;
  reaches: Reaches;
  fault: string | null;
  doubts: readonly string[];
}

/**
 * The cluster `outbound|port||host` behind a service, and whether anything answers there. Several entries of one host and namespace make
 * one cluster, of the first one's resolution, and only if they agree in all but ports (model/sidecar.go appendSidecarServices).
 */
export function endOf(offer: Offer, scope: Scope, settings: MeshSettings): End {
  const cluster = scope.clusterOf(offer.service.host);
  const target = cluster?.ports.get(offer.port.number);
  if (cluster === null || target === undefined || target.port.class === "none") {
    const first = cluster === null ? offer.service.entry : cluster.first.entry;
    const fault = `${nameOf(first)} has ${offer.service.host} first and no TCP port ${offer.port.number}: there is no cluster, hence 503`;
    return { entry: offer.service.entry, port: offer.port, reaches: "endpoints", fault, doubts: [] };
  }
  const { entry } = cluster.first;
  const fault = faultOf(cluster, target, entry);
  return {
    entry: target.service.entry,
    port: target.port,
    reaches: reachOf(cluster, entry),
    fault,
    doubts: doubtsOf(offer, cluster, scope, settings),
  };
}

function reachOf(cluster: Cluster, { resolution }: ServiceEntry): Reaches {
  if (resolution === "NONE") return "dialled";
  if (resolution === "DYNAMIC_DNS") return "claimed";
  return resolution === "STATIC" || hasEndpoints(cluster) ? "endpoints" : "host";
}

const hasEndpoints = (cluster: Cluster): boolean =>
  cluster.all.some(({ entry }) => entry.endpoints.length > 0 || entry.selects);

/** Istio takes such entries, and nothing answers (istio.md §4.1 rule 19, §4.4; core/cluster.go buildOutboundClusters). */
function faultOf(cluster: Cluster, target: Offer, entry: ServiceEntry): string | null {
  const { resolution } = entry;
  const { host } = cluster.first;
  const name = nameOf(entry);
  if (resolution === "STATIC" && !hasEndpoints(cluster)) return `${name} is STATIC and has no endpoints: 503, UH`;
  if (resolution.startsWith("DNS") && host.startsWith("*") && !hasEndpoints(cluster)) {
    return `${name} resolves ${host}, which is no name: there is no cluster, hence 503`;
  }
  if (resolution !== "DYNAMIC_DNS") return null;
  if (!host.startsWith("*")) return `${name} is DYNAMIC_DNS without a wildcard: nothing answers`;
  const { protocol } = target.port;
  const isServed = protocol !== null && ["HTTP", "HTTP2", "GRPC", "TLS"].includes(protocol);
  return isServed
    ? null
    : `${name} is DYNAMIC_DNS, which has no cluster for ${protocol ?? "a port without protocol"}: 503`;
}

function doubtsOf(offer: Offer, cluster: Cluster, scope: Scope, settings: MeshSettings): string[] {
  const { entry } = cluster.first;
  const doubts = [...new Set(cluster.all.flatMap((service) => scope.doubt(service) ?? []))];
  if (entry.selects) doubts.push(`${nameOf(entry)} selects workloads, which are not known`);
  if (entry.resolution === "DYNAMIC_DNS" && versionAtLeast(settings.istio, 1, 30) !== true) {
    doubts.push("sidecars know DYNAMIC_DNS from Istio 1.30 on");
  }
  if (offer.port.protocol === "HTTP_PROXY") doubts.push("HTTP_PROXY is a protocol of Sidecars, not of entries");
  const eligible = entry.resolution !== "NONE" && entry.autoAddress && entry.addresses.length === 0;
  if (
    settings.dnsCapture &&
    eligible &&
    versionAtLeast(settings.istio, 1, 25) === false &&
    offer.port.class !== "http"
  ) {
    doubts.push(`before Istio 1.25 it is a setting whether ${nameOf(entry)} gets an address of its own`);
  }
  return doubts;
}
