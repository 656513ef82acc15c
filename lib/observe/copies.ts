/** One counter seen twice (two scrape jobs, a pair of Prometheus servers) → seen once. Pure. */
import type { LabelNames, Labels, Samples } from "../model.ts";

/** What Istio itself puts on a counter; all other labels come from whoever scraped it. */
const istio = /^(?:(?:source|destination|request|response|grpc|connection)_|reporter$|cluster$)/;

/**
 * Leaves one series for each counter of each proxy: Istio's own labels, the host of the scraped instance and the pod (an address
 * has several pods in turn) say which is which, while job, replica and port tell copies apart. Of several copies the one with the
 * most samples stays, so that a server that was down for a while does not make the count short.
 */
export function withoutCopies(series: readonly Samples[], names: LabelNames): Samples[] {
  const own = new Set([...names.address, ...names.port, ...names.sni]);
  const best = new Map<string, Samples>();
  for (const one of series) {
    const key = counterOf(one.labels, own);
    const other = best.get(key);
    if (other === undefined || isBetter(one, other)) best.set(key, one);
  }
  return [...best.values()];
}

function counterOf(labels: Labels, own: ReadonlySet<string>): string {
  const told = Object.entries(labels).filter(([name]) => istio.test(name) || own.has(name));
  const host = labels.instance?.replace(/:\d+$/, "") ?? "";
  const pod = labels.pod ?? labels.pod_name ?? "";
  return JSON.stringify([host, pod, ...told.sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** More samples; else the last word; else by labels, so that the choice does not depend on the server's order. */
function isBetter(one: Samples, other: Samples): boolean {
  const last = (samples: Samples) => samples.values.at(-1)?.[1] ?? 0;
  return (
    (one.values.length - other.values.length ||
      last(one) - last(other) ||
      (JSON.stringify(one.labels) > JSON.stringify(other.labels) ? 1 : -1)) > 0
  );
}
