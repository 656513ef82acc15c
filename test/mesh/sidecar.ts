/** What a workload's sidecar counts when the workload calls the outside. */
import type { Counters } from "./counters.ts";
import { catchAllHttp, catchAllTcp, type Labels, type Peer } from "./labels.ts";
import { mixerHttp, mixerTcp } from "./labels-mixer.ts";
import { httpAdded, seenSni, type Telling, tcpAdded } from "./telling.ts";
import type { Call } from "./truth.ts";

/** What a sidecar writes to, and what it says of itself. */
export interface Envoy {
  peer: Peer;
  telling: Telling;
  /** The counters in force: others after a restart. Throws once the pod is gone. */
  counters(): Counters;
  /** Told of every call that leaves the mesh. */
  log(call: Omit<Call, "at" | "source">): void;
}

export interface HttpCall {
  /** The raw Host header: any text. */
  host: string;
  /** ip:port as dialled, IPv6 in brackets, in canonical spelling. */
  to: string;
  blocked?: boolean;
  grpc?: boolean;
  /** Default 200, or 502 where blocked. */
  code?: number;
  flags?: string;
  times?: number;
}

export interface TcpCall {
  to: string;
  blocked?: boolean;
  /** Stays open until the connection's `close()`. Blocked ones never do. */
  open?: boolean;
  /** Response flags; default "-", or "UH" where blocked. */
  flags?: string;
  times?: number;
}

/** No `sni`: the client sent none, or no TLS inspector looked. */
export type TlsCall = TcpCall & { sni?: string };

/** Connections left open. Closing them again, or after their proxy restarted, counts nothing. */
export interface Connection {
  close(): void;
}

export interface Egress {
  http(call: HttpCall): void;
  /** Unknown plain HTTP under ALLOW_ANY_DYNAMIC_DNS. */
  dynamicHttp(call: Omit<HttpCall, "blocked" | "grpc">): void;
  tls(call: TlsCall): Connection;
  tcp(call: TcpCall): Connection;
}

/** The calls of one workload to the outside. */
export function egress(envoy: Envoy): Egress {
  return {
    http: (call) => countHttp(envoy, call),
    dynamicHttp: (call) => countDynamic(envoy, call),
    tls: (call) => countTcp(envoy, call),
    tcp: (call) => countTcp(envoy, call),
  };
}

function countHttp(envoy: Envoy, call: HttpCall): void {
  const { peer, telling } = envoy;
  const { host, to, blocked = false, flags = "-", times = 1 } = call;
  const name = blocked ? "BlackHoleCluster" : "PassthroughCluster";
  const protocol = call.grpc ? "grpc" : "http";
  const code = call.code ?? (blocked ? 502 : 200);
  const grpc = call.grpc ? (blocked ? "14" : "0") : "";
  const added = httpAdded(telling, to, true);
  const told = { host, protocol, code, grpc, flags } as const;
  const labels = telling.mixer ? mixerHttp(peer, name, told) : catchAllHttp(peer, name, told, added);
  envoy.counters().add("istio_requests_total", labels, times);
  if (!blocked) countUpstream(envoy, name, times);
  envoy.log({ protocol, blocked, claim: host, added, times });
}

function countDynamic(envoy: Envoy, call: Omit<HttpCall, "blocked" | "grpc">): void {
  const { host, to, code = 200, flags = "-", times = 1 } = call;
  const added = httpAdded(envoy.telling, to, false);
  const labels = catchAllHttp(envoy.peer, host, { host, protocol: "http", code, grpc: "", flags }, added);
  envoy.counters().add("istio_requests_total", labels, times);
  countUpstream(envoy, "AllowAnyDynamicDNSCluster", times);
  envoy.log({ protocol: "http", blocked: false, claim: host, added, times });
}

function countTcp(envoy: Envoy, call: TlsCall): Connection {
  const { peer, telling } = envoy;
  const { to, blocked = false, times = 1 } = call;
  const flags = call.flags ?? (blocked ? "UH" : "-");
  const name = blocked ? "BlackHoleCluster" : "PassthroughCluster";
  const added = tcpAdded(telling, to, call.sni, true);
  const told = (labels: Labels) =>
    telling.mixer ? mixerTcp(peer, name, labels) : catchAllTcp(peer, name, flags, labels);
  const born = envoy.counters();
  // Mixer counted a blocked connection only as closed, since none had ever been opened, and gave only that counter an address.
  if (!telling.mixer || !blocked) {
    born.add("istio_tcp_connections_opened_total", told(telling.mixer ? {} : added), times);
    born.add("istio_tcp_sent_bytes_total", told({}), blocked ? 0 : 2048 * times);
    born.add("istio_tcp_received_bytes_total", told({}), blocked ? 0 : 512 * times);
  }
  if (!blocked) countUpstream(envoy, name, times);
  let open = true;
  // Into the counters it was born in: after a restart nobody reads those any more.
  const close = () => {
    if (open) born.add("istio_tcp_connections_closed_total", told(added), times);
    open = false;
  };
  if (blocked || call.open !== true) close();
  envoy.log({ protocol: "tcp", blocked, claim: seenSni(added), added, times });
  return { close };
}

/** Envoy's own counter of the cluster: what Istio's tests of ALLOW_ANY_DYNAMIC_DNS look at. */
function countUpstream(envoy: Envoy, cluster: string, times: number): void {
  if (!envoy.telling.mixer) envoy.counters().add("envoy_cluster_upstream_rq_total", { cluster_name: cluster }, times);
}
