/** Lines as proxies write them, in Istio's own formats, with what a test changes. The field values are those of reference dumps; hosts are made up. */

/** Istio's default text columns, in their order (EnvoyTextLogFormat). */
export interface Columns {
  start: string;
  request: string;
  code: string;
  flags: string;
  details: string;
  termination: string;
  failure: string;
  received: string;
  sent: string;
  duration: string;
  service: string;
  forwarded: string;
  agent: string;
  id: string;
  authority: string;
  upstream: string;
  cluster: string;
  upstreamLocal: string;
  local: string;
  remote: string;
  sni: string;
  route: string;
}

/** A connection that nobody's requests were read of: PassthroughCluster, port 443. */
export const tlsColumns: Columns = {
  start: "2023-11-24T13:21:55.197Z",
  request: "- - -",
  code: "0",
  flags: "-",
  details: "-",
  termination: "-",
  failure: "-",
  received: "805",
  sent: "15199",
  duration: "158",
  service: "-",
  forwarded: "-",
  agent: "-",
  id: "-",
  authority: "-",
  upstream: "203.0.113.251:443",
  cluster: "PassthroughCluster",
  upstreamLocal: "172.17.34.35:45584",
  local: "203.0.113.251:443",
  remote: "172.17.34.35:45582",
  sni: "api.example.com",
  route: "-",
};

export const httpColumns: Columns = {
  ...tlsColumns,
  request: "GET /headers HTTP/1.1",
  code: "200",
  details: "via_upstream",
  service: "157",
  agent: "curl/8.4.0",
  id: "2c1ae2a3-3d8b-9b3e-a5a4-6b9b0b0f1f11",
  authority: "httpbin.example.org",
  upstream: "198.51.100.80:80",
  local: "198.51.100.80:80",
  sni: "-",
  route: "allow_any",
};

export function textLine(columns: Columns): string {
  const { start, request, code, flags, details, termination, failure, received, sent, duration, service } = columns;
  const { forwarded, agent, id, authority, upstream, cluster, upstreamLocal, local, remote, sni, route } = columns;
  const quoted = `"${forwarded}" "${agent}" "${id}" "${authority}" "${upstream}"`;
  const counts = `${received} ${sent} ${duration} ${service}`;
  return `[${start}] "${request}" ${code} ${flags} ${details} ${termination} "${failure}" ${counts} ${quoted} ${cluster} ${upstreamLocal} ${local} ${remote} ${sni} ${route}`;
}

export const tls = (change: Partial<Columns> = {}): string => textLine({ ...tlsColumns, ...change });
export const http = (change: Partial<Columns> = {}): string => textLine({ ...httpColumns, ...change });

/** The same columns in the default JSON format (EnvoyJSONLogFormatIstio). */
export function jsonOf(columns: Columns, more: Record<string, unknown> = {}): Record<string, unknown> {
  const value = (text: string) => (text === "-" ? null : /^\d+$/.test(text) ? Number(text) : text);
  const [method = "-", path = "-", protocol = "-"] = columns.request.split(" ");
  return {
    bytes_sent: value(columns.sent),
    upstream_transport_failure_reason: value(columns.failure),
    user_agent: value(columns.agent),
    upstream_cluster: value(columns.cluster),
    connection_termination_details: value(columns.termination),
    response_code_details: value(columns.details),
    duration: value(columns.duration),
    x_forwarded_for: value(columns.forwarded),
    response_flags: columns.flags,
    authority: value(columns.authority),
    request_id: value(columns.id),
    start_time: columns.start,
    path: value(path),
    route_name: value(columns.route),
    upstream_service_time: value(columns.service),
    response_code: value(columns.code),
    downstream_remote_address: columns.remote,
    requested_server_name: value(columns.sni),
    upstream_local_address: value(columns.upstreamLocal),
    protocol: value(protocol),
    method: value(method),
    downstream_local_address: columns.local,
    upstream_host: value(columns.upstream),
    bytes_received: value(columns.received),
    ...more,
  };
}

export const tlsJson = (change: Partial<Columns> = {}, more: Record<string, unknown> = {}): string =>
  JSON.stringify(jsonOf({ ...tlsColumns, ...change }, more));
export const httpJson = (change: Partial<Columns> = {}, more: Record<string, unknown> = {}): string =>
  JSON.stringify(jsonOf({ ...httpColumns, ...change }, more));

/** Blocked as Istio 1.9 logged it: no cluster at all. */
export const blockedOfOld: Partial<Columns> = {
  flags: "UH",
  upstream: "-",
  cluster: "-",
  upstreamLocal: "-",
  sent: "0",
  received: "0",
  sni: "-",
};
export const blackHole: Partial<Columns> = { ...blockedOfOld, cluster: "BlackHoleCluster" };

/** At an egress gateway: it listens on a port of its own, and calls whom the ServiceEntry names. */
export const gateway: Partial<Columns> = {
  upstream: "203.0.113.9:443",
  cluster: "outbound|443||www.example.org",
  local: "10.1.0.40:8443",
  sni: "www.example.org",
};

const ztunnelFields = {
  "src.addr": "10.1.0.8:46322",
  "src.workload": "debug-5577c64d7c-57gzk",
  "src.namespace": "tools",
  "src.identity": "spiffe://cluster.local/ns/tools/sa/debug",
  "dst.addr": "203.0.113.142:443",
  direction: "outbound",
  bytes_sent: 800,
  bytes_recv: 8468,
  duration: "73ms",
};

export type ZtunnelFields = Record<string, string | number | undefined>;

export const ztunnelJson = (change: ZtunnelFields = {}, message = "connection complete"): string =>
  JSON.stringify({
    level: "info",
    time: "2025-11-13T17:22:58.026256Z",
    scope: "access",
    message,
    ...ztunnelFields,
    ...change,
  });

export function ztunnelText(change: ZtunnelFields = {}, message = "connection complete"): string {
  const bare = /^(src|dst)\.addr$|^bytes_/;
  const pairs = Object.entries({ ...ztunnelFields, ...change }).flatMap(([name, value]) =>
    value === undefined ? [] : [bare.test(name) ? `${name}=${value}` : `${name}="${value}"`],
  );
  return `2024-05-04T09:59:05.028709Z\tinfo\taccess\t${message}\t${pairs.join(" ")}`;
}
