/** Istio's default JSON format (EnvoyJSONLogFormatIstio), and formats of one's own with the same keys, others beside them, or some missing. Pure. */
import { noHints, readEnvoy } from "./envoy.ts";
import type { Gateways } from "./gateways.ts";
import { isMarked } from "./marks.ts";
import { workloadOf } from "./pod.ts";
import { type Format, type Hints, type Reading, told } from "./told.ts";

/** Keys that users give a column which the default format does not have; the first one that says something wins. docs/logs.md lists them. */
export const hintKeys: Record<keyof Hints, readonly string[]> = {
  namespace: ["source_workload_namespace", "source_namespace", "workload_namespace", "pod_namespace", "namespace"],
  workload: ["source_workload", "source_workload_name", "workload_name", "workload"],
  pod: ["source_pod", "source_pod_name", "pod_name", "pod"],
  principal: ["source_principal", "downstream_peer_uri_san", "source_identity", "peer_principal"],
  app: ["destination_app", "destination_workload", "destination_canonical_service"],
};
const contentTypes = ["request_content_type", "content_type", "req_content_type"];
const grpcStatuses = ["grpc_status", "grpc_status_number", "response_grpc_status"];

export const envoyJson: Format = {
  name: "Istio's JSON format",
  proxy: "envoy",
  looksLike: (text) => text.charCodeAt(0) === 123,
  read(text, isGateway, gateways) {
    if (text.charCodeAt(text.length - 1) !== 125) return "broken";
    if (!isGateway && !isMarked(text) && !gateways.in(text)) return "other";
    const value = parsed(text);
    return value === null ? "broken" : readEnvoyObject(value, isGateway, gateways);
  },
};

function readEnvoyObject(line: Record<string, unknown>, isGateway: boolean, gateways: Gateways): Reading {
  // Marked, and none of the columns that tell the way it went: a format with other keys, which should be known and not passed over.
  if (!["upstream_cluster", "route_name", "response_flags"].some((key) => key in line)) return isMarkedKeyless(line);
  const first = (keys: readonly string[]) => keys.map((key) => told(line[key])).find((one) => one !== null) ?? null;
  const hints = hintsOf(first);
  const columns = {
    start: told(line.start_time),
    duration: told(line.duration),
    protocol: told(line.protocol),
    authority: told(line.authority),
    flags: told(line.response_flags),
    details: told(line.response_code_details),
    termination: told(line.connection_termination_details),
    upstreamHost: told(line.upstream_host),
    cluster: told(line.upstream_cluster),
    local: told(line.downstream_local_address),
    sni: told(line.requested_server_name),
    route: told(line.route_name),
    grpc: first(contentTypes)?.startsWith("application/grpc") === true || first(grpcStatuses) !== null,
    hints,
  };
  const workload = hints.workload ?? workloadOf(hints.pod ?? "");
  return readEnvoy(columns, isGateway || gateways.is({ namespace: hints.namespace ?? "unknown", workload }));
}

/** Other programs' logs may mention a cluster in passing; only what has the time and address columns too is an access log. */
const isMarkedKeyless = (line: Record<string, unknown>): Reading =>
  "downstream_local_address" in line || "start_time" in line ? "broken" : "other";

function hintsOf(first: (keys: readonly string[]) => string | null): Hints {
  const found = Object.entries(hintKeys).map(([name, keys]) => [name, first(keys)]);
  return { ...noHints, ...Object.fromEntries(found) };
}

/** An object of JSON, or null. */
export function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}
