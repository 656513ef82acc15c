/** The upstream clusters of one sidecar: what a listener or a route points to. */
import type { Offer, Service } from "./service.ts";

/** What Envoy knows as `outbound|port||host`: made of the first service of that host, and the ports of others like it. */
export interface Cluster {
  first: Service;
  ports: ReadonlyMap<number, Offer>;
  all: readonly Service[];
}

/** The cluster of the services of one host, in the order of their scope; null where there are none. */
export function clusterOf(services: readonly Service[]): Cluster | null {
  const [first] = services;
  if (first === undefined) return null;
  const ports = new Map<number, Offer>();
  for (const service of services) {
    if (service !== first && !canMerge(first, service)) continue;
    for (const offer of service.offers) if (!ports.has(offer.port.number)) ports.set(offer.port.number, offer);
  }
  return { first, ports, all: services };
}

/** Only entries that say the same of all but ports make one service (model/sidecar.go canMergeServices). */
function canMerge(a: Service, b: Service): boolean {
  const [one, other] = [a.entry, b.entry].map((of) => {
    const labels = Object.entries(of.labels).sort();
    return JSON.stringify([of.namespace, of.resolution, of.selects, labels, [...of.exportTo].sort()]);
  });
  return a.entry === b.entry || one === other;
}
