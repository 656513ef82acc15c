/** Which hosts any sidecar called by a ServiceEntry, not only through the catch-alls. */

import type { Window } from "../model.ts";
import { formatDuration } from "../words/duration.ts";
import { oneOf } from "./queries.ts";
import type { Telemetry } from "./telemetry.ts";

const day = 24 * 60 * 60_000;
const opened = "istio_tcp_connections_opened_total";
const metrics = ["istio_requests_total", opened];
/** Characters of hosts that one query names: VictoriaMetrics takes queries of 16 KB. */
const mostNamed = 10_000;

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
  for (const { to, range } of days(window)) {
    for (const some of parts(hosts.filter((host) => !used.has(host)))) {
      for (const metric of metrics) {
        const where = selector([oneOf("destination_service", some), matchers]);
        const promql = `group by (destination_service) (last_over_time(${metric}${where}[${range}]))`;
        for (const { labels } of await telemetry.vector(promql, to)) {
          if (labels.destination_service !== undefined) used.add(labels.destination_service);
        }
      }
    }
  }
  return used;
}

/**
 * The names that were sent as SNI to each of the wildcards in the window, as the label has them. Of HTTP no label tells the Host there.
 * @param sni the labels that may hold the SNI
 */
export async function namesUnder(
  telemetry: Telemetry,
  wildcards: readonly string[],
  window: Window,
  { matchers, sni }: { matchers: string; sni: readonly string[] },
): Promise<Map<string, Set<string>>> {
  const names = new Map<string, Set<string>>();
  if (sni.length === 0) return names;
  for (const { to, range } of days(window)) {
    for (const some of parts(wildcards)) {
      const where = selector([oneOf("destination_service", some), matchers]);
      const promql = `group by (destination_service,${sni.join(",")}) (last_over_time(${opened}${where}[${range}]))`;
      for (const { labels } of await telemetry.vector(promql, to)) {
        const name = sni.map((label) => labels[label] ?? "").find((text) => text !== "");
        const own = names.get(labels.destination_service ?? "") ?? new Set();
        names.set(labels.destination_service ?? "", own);
        if (name !== undefined) own.add(name);
      }
    }
  }
  return names;
}

function* days({ from, to }: Window): Generator<{ to: number; range: string }> {
  for (let end = to; end > from; end -= day) yield { to: end, range: formatDuration(Math.min(day, end - from)) };
}

function* parts(hosts: readonly string[]): Generator<string[]> {
  let some: string[] = [];
  let length = 0;
  for (const host of hosts) {
    if (some.length > 0 && length + host.length > mostNamed) {
      yield some;
      [some, length] = [[], 0];
    }
    some.push(host);
    length += host.length + 4;
  }
  if (some.length > 0) yield some;
}

const selector = (parts: readonly string[]): string =>
  `{${['reporter="source"', ...parts].filter((part) => part !== "").join(",")}}`;
