/** Everything a sidecar counts that is no egress to find: a tool that reports any of it is wrong. */
import { catchAllTcp, type Labels, type Peer, unknownPeer } from "./labels.ts";
import * as labels from "./labels-noise.ts";
import type { Envoy } from "./sidecar.ts";
import { httpAdded, tcpAdded } from "./telling.ts";

/** Another workload of the mesh. */
export interface Neighbour {
  namespace: string;
  workload: string;
}

export interface Noise {
  /** HTTP to a Service, told by the caller; `served` is the callee's own report of such a call. */
  inMesh(to: Neighbour, times?: number): void;
  served(from: Neighbour, times?: number): void;
  /** HTTP to a pod's own ip:port, through PassthroughCluster. */
  podToPod(to: Neighbour & { at: string }, times?: number): void;
  inboundPassthrough(times?: number): void;
  inboundBlackHole(times?: number): void;
  /** TCP to a Service without endpoints: flags UH, and no catch-all. */
  noEndpoints(to: Neighbour, times?: number): void;
  /** HTTP to a host that a ServiceEntry of that namespace declares. */
  declared(to: { host: string; at: string; namespace: string }, times?: number): void;
  /** HTTP through the egress gateway: what this caller tells. */
  gateway(times?: number): void;
}

/** TLS through the egress gateway: told once by the caller's sidecar and once more by the gateway. */
export interface ThroughGateway {
  /** What the caller's sidecar tells. `to` is what the workload dialled; no `sni` where no TLS inspector looked. */
  toGateway(call: { sni?: string; to: string; times?: number }): void;
  /** What the gateway tells: its own address as the one dialled, and the ServiceEntry it went to; none where it had no way on. */
  atGateway(call: { sni?: string; entry: string | null; times?: number }): void;
}

/** The Service of Istio's usual egress gateway. */
const gatewayPeer = () => peerOf({ namespace: "istio-system", workload: "istio-egressgateway" });

export function throughGateway(envoy: Envoy): ThroughGateway {
  const { peer, telling } = envoy;
  const count = (told: Labels, times: number) => {
    envoy.counters().add("istio_tcp_connections_opened_total", told, times);
    envoy.counters().add("istio_tcp_connections_closed_total", told, times);
  };
  return {
    toGateway: ({ sni, to, times = 1 }) =>
      count(labels.inMeshTcp(peer, gatewayPeer(), "istio-egressgateway", tcpAdded(telling, to, sni, false)), times),
    atGateway({ sni, entry, times = 1 }) {
      const added = tcpAdded(telling, "10.244.9.9:8443", sni, entry === null);
      const told =
        entry === null
          ? catchAllTcp(peer, "BlackHoleCluster", "UH", added)
          : labels.declaredTcp(peer, { host: entry, namespace: "istio-system" }, added);
      count(told, times);
    },
  };
}

/** What one workload counts beside its calls to the outside. Unnamed addresses are of no Service and no interest. */
export function noise(envoy: Envoy): Noise {
  const { peer, telling } = envoy;
  const older = telling.olderProxies === true;
  const clusterIp = "10.96.0.10:80";
  const http = (at = clusterIp) => httpAdded(telling, at, false);
  const requests = (told: Labels, times: number) => envoy.counters().add("istio_requests_total", told, times);
  const connections = (told: Labels, times: number) => {
    envoy.counters().add("istio_tcp_connections_opened_total", told, times);
    envoy.counters().add("istio_tcp_connections_closed_total", told, times);
  };
  const tcp = tcpAdded(telling, "10.96.0.11:6379", undefined, false);
  return {
    inMesh: (to, times = 1) => requests(labels.inMesh(peer, peerOf(to), to.workload, http()), times),
    served: (from, times = 1) => requests(labels.inMeshServed(peerOf(from), peer, peer.workload), times),
    podToPod: (to, times = 1) =>
      requests(labels.podToPod(peer, peerOf(to), to.at, httpAdded(telling, to.at, true)), times),
    inboundPassthrough: (times = 1) => connections(labels.inboundPassthrough(peer), times),
    inboundBlackHole: (times = 1) => connections(labels.inboundBlackHole(peer), times),
    noEndpoints: (to, times = 1) =>
      connections(labels.noEndpoints(peer, { service: to.workload, namespace: to.namespace }, older, tcp), times),
    declared: (to, times = 1) => requests(labels.declaredHttp(peer, to, older, http(to.at)), times),
    gateway(times = 1) {
      const gateway = peerOf({ namespace: "istio-system", workload: "istio-egressgateway" });
      requests(labels.inMesh(peer, gateway, "istio-egressgateway", http()), times);
    },
  };
}

/** How a neighbour's metadata looks from here. */
export function peerOf(neighbour: Neighbour): Peer {
  const { namespace, workload } = neighbour;
  return {
    ...unknownPeer,
    namespace,
    workload,
    app: workload,
    version: "v1",
    canonicalService: workload,
    canonicalRevision: "v1",
    cluster: "Kubernetes",
  };
}
