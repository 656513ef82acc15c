/**
 * The label sets of Istio's standard metrics (release 1.18 and later), spelled and ordered as the proxy emits them.
 * A label with an empty value is kept: the proxy writes it and Prometheus drops it.
 * What only code and no public dump shows (blocked HTTP, blocked TCP with both counters, the added labels) is built from the proxy's source.
 */
export type Labels = Readonly<Record<string, string>>;

/** One side of a call, as the proxy knows it. */
export interface Peer {
  workload: string;
  namespace: string;
  principal: string;
  /** Empty where the pod lacks the label: on its own side the proxy then writes nothing. */
  app: string;
  version: string;
  canonicalService: string;
  canonicalRevision: string;
  cluster: string;
}

/** What the proxy says about whom it does not know. */
export const unknownPeer: Peer = {
  workload: "unknown",
  namespace: "unknown",
  principal: "unknown",
  app: "unknown",
  version: "unknown",
  canonicalService: "unknown",
  canonicalRevision: "latest",
  cluster: "unknown",
};

/** All that one series says. `code` and `grpc` are for HTTP only; `added` holds the labels of a Telemetry resource. */
export interface Told {
  reporter: "source" | "destination";
  source: Peer;
  destination: Peer;
  /** destination_service, destination_service_name, destination_service_namespace. */
  service: readonly [service: string, name: string, namespace: string];
  protocol: "http" | "grpc" | "tcp";
  code?: string;
  grpc?: string;
  flags: string;
  security: "unknown" | "none" | "mutual_tls";
  added: Labels;
}

/** One series' labels in the proxy's order. */
export function compose(told: Told): Labels {
  const { source, destination } = told;
  return {
    reporter: told.reporter,
    source_workload: source.workload,
    source_canonical_service: source.canonicalService,
    source_canonical_revision: source.canonicalRevision,
    source_workload_namespace: source.namespace,
    source_principal: source.principal,
    source_app: source.app,
    source_version: source.version,
    source_cluster: source.cluster,
    destination_workload: destination.workload,
    destination_workload_namespace: destination.namespace,
    destination_principal: destination.principal,
    destination_app: destination.app,
    destination_version: destination.version,
    destination_service: told.service[0],
    destination_canonical_service: destination.canonicalService,
    destination_canonical_revision: destination.canonicalRevision,
    destination_service_name: told.service[1],
    destination_service_namespace: told.service[2],
    destination_cluster: destination.cluster,
    request_protocol: told.protocol,
    ...(told.code === undefined ? {} : { response_code: told.code, grpc_response_status: told.grpc ?? "" }),
    response_flags: told.flags,
    connection_security_policy: told.security,
    ...told.added,
  };
}

/** What varies between two calls of a kind. `host` is the raw Host header: any text. */
export interface HttpTold {
  host: string;
  protocol: "http" | "grpc";
  code: number;
  grpc: string;
  flags: string;
}

/** The source's own report of a call to nobody it knows. */
function outbound(source: Peer, service: Told["service"], added: Labels): Omit<Told, "protocol" | "flags"> {
  return { reporter: "source", source, destination: unknownPeer, service, security: "unknown", added };
}

/** HTTP or gRPC through a catch-all route; `name` is PassthroughCluster, BlackHoleCluster, or the Host itself behind AllowAnyDynamicDNSCluster. */
export function catchAllHttp(source: Peer, name: string, call: HttpTold, added: Labels): Labels {
  const { host, protocol, code, grpc, flags } = call;
  return compose({ ...outbound(source, [host, name, "unknown"], added), protocol, code: String(code), grpc, flags });
}

/** TCP or TLS through a catch-all cluster; `name` is PassthroughCluster or BlackHoleCluster. */
export function catchAllTcp(source: Peer, name: string, flags: string, added: Labels): Labels {
  return compose({ ...outbound(source, ["unknown", name, "unknown"], added), protocol: "tcp", flags });
}

/** How a mesh spells the dialled address: `destination_address` = ip:port; `destination_ip` and `destination_port`; only the first of them; not at all. */
export type AddressSpelling = "address" | "ip+port" | "ip" | "none";

/** The labels of a dialled `ip:port` (IPv6 in brackets), as a Telemetry resource adds them. */
export function addressLabels(spelling: AddressSpelling, to: string): Labels {
  const colon = to.lastIndexOf(":");
  const ip = to.slice(0, colon).replace(/^\[|\]$/g, "");
  if (spelling === "address") return { destination_address: to };
  if (spelling === "ip+port") return { destination_ip: ip, destination_port: to.slice(colon + 1) };
  return spelling === "ip" ? { destination_ip: ip } : {};
}

/** What the same Telemetry resource leaves on a series it is not meant for: the labels, empty. */
export function emptied(labels: Labels): Labels {
  return Object.fromEntries(Object.keys(labels).map((name) => [name, ""]));
}
