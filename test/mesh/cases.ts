/**
 * Istio's own table of what its catch-alls show (its integration tests of outbound traffic policies), as data: how to make each case,
 * what the mesh must show for it, and what egress-scout must say.
 */
import type { Mesh, Pod } from "./mesh.ts";
import type { Flow } from "./truth.ts";

export interface Case {
  mode: "ALLOW_ANY" | "REGISTRY_ONLY" | "ALLOW_ANY_DYNAMIC_DNS";
  name: string;
  /** The caller's namespace, another one for each case: all cases fit in one mesh. */
  namespace: string;
  /** Makes the pods and their calls, one of each. */
  drive(mesh: Mesh): void;
  expect: {
    /** Summed over these labels the metric is at least 1. */
    shows: { metric: string; labels: Record<string, string> };
    /** Null: nothing to say, since a gateway or a ServiceEntry has it. */
    says: Pick<Flow, "verdict" | "protocol" | "host" | "port"> | null;
  };
}

const requests = "istio_requests_total";
const opened = "istio_tcp_connections_opened_total";
const closed = "istio_tcp_connections_closed_total";
const upstream = "envoy_cluster_upstream_rq_total";

const host = "external.example.com";
const address = "203.0.113.10";
const allowed = { verdict: "allowed", protocol: "http", host, port: 80 } as const;
const blocked = { verdict: "blocked", protocol: "http", host, port: 80 } as const;
/** Istio's tests have no TLS ServiceEntry, so no listener looks for an SNI: HTTPS is TCP to an address. */
const allowedTcp = (port: number) => ({ verdict: "allowed", protocol: "tcp", host: null, port }) as const;
const blockedTcp = (port: number) => ({ verdict: "blocked", protocol: "tcp", host: null, port }) as const;

const passthrough = { reporter: "source", destination_service_name: "PassthroughCluster" };
const blackHole = { reporter: "source", destination_service_name: "BlackHoleCluster" };
const client = { source_workload: "client-v1" };
const ok = { ...passthrough, response_code: "200" };
const refused = { ...blackHole, response_code: "502" };
const gateway = { reporter: "source", destination_service_name: "istio-egressgateway", response_code: "200" };

function row(
  mode: Case["mode"],
  name: string,
  does: (pod: Pod, mesh: Mesh) => void,
  shows: Case["expect"]["shows"],
  says: Case["expect"]["says"],
): Case {
  const namespace = `${mode} ${name}`.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  const drive = (mesh: Mesh) => does(mesh.pod({ namespace, workload: "client-v1", app: "client" }), mesh);
  return { mode, name, namespace, drive, expect: { shows, says } };
}

const shows = (metric: string, labels: Record<string, string>) => ({ metric, labels });
const call = (pod: Pod) => pod.http({ host, to: `${address}:80` });
const blockedCall = (pod: Pod) => pod.http({ host, to: `${address}:80`, blocked: true });
const connect = (port: number) => (pod: Pod) => void pod.tls({ to: `${address}:${port}` });
const blockedConnect = (port: number) => (pod: Pod) => void pod.tls({ to: `${address}:${port}`, blocked: true });

/** The caller tells of the gateway, and the gateway, a source itself, of a host that a ServiceEntry declares. */
function throughGateway(pod: Pod, mesh: Mesh): void {
  pod.gateway();
  const egressGateway = mesh.pod({ namespace: "istio-system", workload: "istio-egressgateway" });
  egressGateway.declared({ host: "some-external-site.com", at: `${address}:80`, namespace: "istio-system" });
}

export const cases: readonly Case[] = [
  row("ALLOW_ANY", "HTTP", call, shows(requests, ok), allowed),
  row("ALLOW_ANY", "HTTP H2", call, shows(requests, ok), allowed),
  row("ALLOW_ANY", "HTTPS", connect(443), shows(opened, passthrough), allowedTcp(443)),
  row("ALLOW_ANY", "HTTPS conflict", connect(9443), shows(opened, passthrough), allowedTcp(9443)),
  row("ALLOW_ANY", "HTTPS H2", connect(443), shows(opened, passthrough), allowedTcp(443)),
  row("ALLOW_ANY", "HTTPS H2 conflict", connect(9443), shows(opened, passthrough), allowedTcp(9443)),
  row("ALLOW_ANY", "HTTP egress gateway", throughGateway, shows(requests, gateway), null),
  row("ALLOW_ANY", "HTTP H2 egress gateway", throughGateway, shows(requests, gateway), null),
  row("ALLOW_ANY", "TCP", connect(9090), shows(closed, { ...passthrough, ...client }), allowedTcp(9090)),
  // Istio's test means this port and by mistake calls the one above.
  row("ALLOW_ANY", "TCP conflict", connect(9091), shows(closed, { ...passthrough, ...client }), allowedTcp(9091)),
  row("REGISTRY_ONLY", "HTTP", blockedCall, shows(requests, refused), blocked),
  row("REGISTRY_ONLY", "HTTPS", blockedConnect(443), shows(closed, blackHole), blockedTcp(443)),
  row("REGISTRY_ONLY", "HTTPS conflict", blockedConnect(9443), shows(closed, blackHole), blockedTcp(9443)),
  row("REGISTRY_ONLY", "HTTP egress gateway", throughGateway, shows(requests, gateway), null),
  row("REGISTRY_ONLY", "TCP", blockedConnect(9090), shows(closed, { ...blackHole, ...client }), blockedTcp(9090)),
  row(
    "REGISTRY_ONLY",
    "TCP conflict",
    blockedConnect(9091),
    shows(closed, { ...blackHole, ...client }),
    blockedTcp(9091),
  ),
  row(
    "ALLOW_ANY_DYNAMIC_DNS",
    "HTTP",
    (pod) => pod.dynamicHttp({ host, to: `${address}:80` }),
    shows(upstream, { cluster_name: "AllowAnyDynamicDNSCluster" }),
    allowed,
  ),
  row(
    "ALLOW_ANY_DYNAMIC_DNS",
    "HTTPS",
    connect(443),
    shows(upstream, { cluster_name: "PassthroughCluster" }),
    allowedTcp(443),
  ),
];
