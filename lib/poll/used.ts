/** Which hosts any sidecar called by a ServiceEntry, not only through the catch-alls. */
import { formatDuration } from "../duration.ts";
import type { Window } from "../model.ts";
import { oneOf } from "./queries.ts";
import type { Telemetry } from "./telemetry.ts";

const day = 24 * 60 * 60_000;
const metrics = ["istio_requests_total", "istio_tcp_connections_opened_total"];
/** Hosts that one query names, and their characters: VictoriaMetrics takes 16 KB. */
const mostNamed = 100;

/**
 * Those of the hosts that were called in the window, a day at a time. Istio tells a wildcard's calls by the wildcard itself
 * (`*.example.com`, istio conversion.go), so it may be among the hosts.
 */
export async function usedHosts(
  telemetry: Telemetry,
  hosts: readonly string[],
  window: Window,
  matchers: string,
): Promise<Set<string>> {
  const used = new Set<string>();
  for (let to = window.to; to > window.from; to -= day) {
    const range = Math.min(day, to - window.from);
    const open = hosts.filter((host) => !used.has(host));
    for (let first = 0; first < open.length; first += mostNamed) {
      const named = oneOf("destination_service", open.slice(first, first + mostNamed));
      for (const metric of metrics) {
        const where = ['reporter="source"', named, matchers].filter((part) => part !== "").join(",");
        const promql = `group by (destination_service) (last_over_time(${metric}{${where}}[${formatDuration(range)}]))`;
        for (const { labels } of await telemetry.vector(promql, to)) {
          if (labels.destination_service !== undefined) used.add(labels.destination_service);
        }
      }
    }
  }
  return used;
}
