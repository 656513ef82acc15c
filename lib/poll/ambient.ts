/** Who calls the outside through ztunnel, which counts it under no name at all. */

import { isTooExpensive } from "../errors.ts";
import type { Window } from "../model.ts";
import { formatDuration } from "../words/duration.ts";
import type { Telemetry } from "./telemetry.ts";

const day = 24 * 60 * 60_000;

/**
 * ztunnel's counters of what no service and no workload answers to: every label of the destination is `unknown` (istio/ztunnel
 * src/proxy/metrics.rs). A sidecar names at least the catch-all.
 */
const unnamed =
  'reporter="source",destination_service="unknown",destination_service_name="unknown",destination_workload="unknown"';

/** How many workloads there were in the window, by its last day at most. One query; 0 where the server finds it too expensive. */
export async function ambientCallers(telemetry: Telemetry, { from, to }: Window, matchers: string): Promise<number> {
  const more = matchers.trim().replace(/,$/, "");
  const selector = `istio_tcp_connections_opened_total{${more === "" ? unnamed : `${unnamed},${more}`}}`;
  const range = formatDuration(Math.min(to - from, day));
  const promql = `group by (source_workload_namespace,source_workload) (last_over_time(${selector}[${range}]))`;
  try {
    return (await telemetry.vector(promql, to)).length;
  } catch (thrown) {
    if (isTooExpensive(thrown)) return 0;
    throw thrown;
  }
}
