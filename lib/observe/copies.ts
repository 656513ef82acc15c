/** One counter seen twice (two scrape jobs, a pair of Prometheus servers) → seen once. Pure. */
import type { LabelNames, Labels, Samples } from "../model.ts";

/** What Istio itself puts on a counter; all other labels come from whoever scraped it. */
const istio = /^(?:(?:source|destination|request|response|grpc|connection)_|reporter$|cluster$)/;

/**
 * Leaves one series for each counter of each proxy: Istio's own labels, the host of the scraped instance and the pod (an address
 * has several pods in turn) say which is which, while job, replica and port tell copies apart. Of several copies the one with the
 * most samples stays, so that a server that was down for a while does not make the count short. A job that writes no pod beside one
 * that does tells nothing of its own.
 */
export function withoutCopies(series: readonly Samples[], names: LabelNames): Samples[] {
  const own = new Set([...names.address, ...names.port, ...names.sni]);
  const best = new Map<string, { counter: string; pod: string; samples: Samples }>();
  const named = new Set<string>();
  for (const samples of series) {
    const counter = counterOf(samples.labels, own);
    const pod = podOf(samples.labels);
    if (pod !== "") named.add(counter);
    const key = JSON.stringify([counter, pod]);
    const other = best.get(key);
    if (other === undefined || isBetter(samples, other.samples)) best.set(key, { counter, pod, samples });
  }
  const kept = [...best.values()].filter(({ counter, pod }) => pod !== "" || !named.has(counter));
  return kept.map((one) => one.samples);
}

function counterOf(labels: Labels, own: ReadonlySet<string>): string {
  const told = Object.entries(labels).filter(([name]) => istio.test(name) || own.has(name));
  const host = labels.instance?.replace(/:\d+$/, "") ?? "";
  return JSON.stringify([host, ...told.sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** Prometheus' example configuration called it kubernetes_pod_name, and Istio's pod_name, before everybody settled on pod. */
const podOf = (labels: Labels) => labels.pod ?? labels.pod_name ?? labels.kubernetes_pod_name ?? "";

/** More samples; else the last word; else by labels, so that the choice does not depend on the server's order. */
function isBetter(one: Samples, other: Samples): boolean {
  const last = (samples: Samples) => samples.values.at(-1)?.[1] ?? 0;
  return (
    (one.values.length - other.values.length ||
      last(one) - last(other) ||
      (JSON.stringify(one.labels) > JSON.stringify(other.labels) ? 1 : -1)) > 0
  );
}
