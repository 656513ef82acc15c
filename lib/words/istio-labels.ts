/** Which labels of a counter are Istio's own, and which come from whoever scraped it. Pure. */
import type { LabelNames, Labels } from "../model.ts";

const istio = /^(?:(?:source|destination|request|response|grpc|connection)_|reporter$|cluster$)/;

/** Names of labels that tell one counter of a proxy from another; all others (job, replica, port) tell copies of one apart. */
export function isOwnLabel(name: string, { address, port, sni }: LabelNames): boolean {
  return istio.test(name) || address.includes(name) || port.includes(name) || sni.includes(name);
}

/** Where scrape configurations write the pod: Prometheus' old example, Istio's old one, and everybody today. The last one present wins. */
export const podLabels = ["kubernetes_pod_name", "pod_name", "pod"] as const;

/** The pod a counter was scraped from; empty where no label tells. */
export const podOf = (labels: Labels): string => podLabels.map((name) => labels[name]).findLast(Boolean) ?? "";
