/** Labels as a sidecar's counters have them, with what a test changes, and the settings of a plain set-up. */
import type { LabelNames, Labels, Samples, Series } from "../../lib/model.ts";
import type { ObserveSettings } from "../../lib/observe/identify.ts";

export const names: LabelNames = {
  address: ["destination_address", "destination_ip"],
  port: ["destination_port"],
  sni: ["requested_server_name"],
};

export const settings: ObserveSettings = { cluster: "prod", labels: names, internal: [] };

const caller: Labels = {
  reporter: "source",
  source_workload_namespace: "shop",
  source_workload: "web",
  destination_workload: "unknown",
  destination_service_namespace: "unknown",
};

/** A request by its Host through PassthroughCluster. */
export const http = (host: string, change: Labels = {}): Labels => ({
  ...caller,
  destination_service: host,
  destination_service_name: "PassthroughCluster",
  request_protocol: "http",
  ...change,
});

/** A connection to `ip:port` through PassthroughCluster. */
export const tcp = (address: string, change: Labels = {}): Labels => ({
  ...caller,
  destination_service: "unknown",
  destination_service_name: "PassthroughCluster",
  request_protocol: "tcp",
  destination_address: address,
  ...change,
});

/** A request under ALLOW_ANY_DYNAMIC_DNS. */
export const dynamic = (host: string, change: Labels = {}): Labels =>
  http(host, { destination_service_name: host, ...change });

export const blocked: Labels = { destination_service_name: "BlackHoleCluster" };

export const row = (labels: Labels, value = 1): Series => ({ labels, value });
export const samples = (labels: Labels, ...values: [time: number, value: number][]): Samples => ({ labels, values });
