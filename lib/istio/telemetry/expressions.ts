/** The CEL expressions of Istio's Telemetry: what a label holds, and for which traffic. Pure. */
import { versionAtLeast } from "../route/version.ts";

/** Attributes as Envoy evaluates them (envoy, source/extensions/filters/common/expr/context.cc). An attribute that is missing makes all of it "unknown". */
const dialled = "destination.address";
const sni = "connection.requested_server_name";

const catchAllCluster = "xds.cluster_name == 'PassthroughCluster' || xds.cluster_name == 'BlackHoleCluster'";

/** Envoy has `xds.…` attributes since Istio 1.16 (1.16.2, Istio's task on filtering access logs). */
export const canGuard = (istio: string): boolean => versionAtLeast(istio, 1, 16) === true;

/** ALLOW_ANY_DYNAMIC_DNS came with Istio 1.31, and with it a route and a cluster of its own. */
const hasDynamicDns = (istio: string): boolean => versionAtLeast(istio, 1, 31) === true;

/**
 * A label's value on the catch-alls, and empty elsewhere, which Prometheus drops: series inside the mesh stay as they are. A blocked
 * HTTP request has a route and no cluster (the sidecar answers it), so HTTP goes by the route.
 */
export function onCatchAlls(of: "tcp" | "http", value: "address" | "sni", istio: string): string {
  const attribute = value === "address" ? dialled : sni;
  if (!canGuard(istio)) return attribute;
  const dynamic = hasDynamicDns(istio) ? " || xds.route_name == 'allow_any_dynamic_dns'" : "";
  const route = `xds.route_name == 'allow_any' || xds.route_name == 'block_all'${dynamic}`;
  return `${of === "tcp" ? catchAllCluster : route} ? ${attribute} : ''`;
}

/** On an egress gateway, whose own address is the one dialled: where it connects to. */
export const atGateway = { address: "upstream.address", sni } as const;

/** Access logs of catch-all traffic alone. */
export function catchAllLogs(istio: string): string {
  const dynamic = hasDynamicDns(istio) ? " || xds.cluster_name == 'AllowAnyDynamicDNSCluster'" : "";
  return `xds.route_name == 'block_all' || ${catchAllCluster}${dynamic}`;
}
