/** The upstream clusters of one sidecar: what a listener or a route points to. */
import type { Offer, Service } from "./service.ts";

/** What Envoy knows as `outbound|port||host`: made of the first service of that host, and the ports of others like it. */
export interface Cluster {
  first: Service;
  ports: Map<number, Offer>;
  all: Service[];
}

/** The clusters of the services of a scope, in its order; by host. */
export function clustersOf(services: readonly Service[]): Map<string, Cluster> {
  const clusters = new Map<string, Cluster>();
  for (const service of services) {
    const known = clusters.get(service.host);
    const cluster = known ?? { first: service, ports: new Map<number, Offer>(), all: [] };
    clusters.set(service.host, cluster);
    cluster.all.push(service);
    if (known !== undefined && !canMerge(known.first, service)) continue;
    for (const offer of service.offers)
      if (!cluster.ports.has(offer.port.number)) cluster.ports.set(offer.port.number, offer);
  }
  return clusters;
}

/** Only entries that say the same of all but ports make one service (model/sidecar.go canMergeServices). */
function canMerge(a: Service, b: Service): boolean {
  const [one, other] = [a.entry, b.entry];
  if (one === other) return true;
  const said = (of: typeof one) =>
    JSON.stringify([
      of.namespace,
      of.resolution,
      of.selects,
      Object.entries(of.labels).sort(),
      [...of.exportTo].sort(),
    ]);
  return said(one) === said(other);
}
