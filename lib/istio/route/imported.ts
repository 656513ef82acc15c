/** The services that one egress listener lets in. */
import type { EgressListener, EntryPort } from "../in-force.ts";
import type { Crowd } from "./crowd.ts";
import { nameOf } from "./flow.ts";
import { byAge, isAgeKnown, type Offer, type Service } from "./service.ts";
import { everything, importer, isExact } from "./visibility.ts";

export interface Imported {
  port: EgressListener["port"];
  local: boolean;
  /** Newer Istio lists the services of exact hosts in another order, and only one for each host (servicesForExactHosts). */
  exact: boolean;
  has(service: Service): boolean;
  /** What it offers on a port, in Istio's order. */
  offersOn(port: number): readonly Offer[];
  /** Services whose host another namespace has. */
  lostTo: ReadonlyMap<Service, { to: Service; rule: string }>;
  /** Services whose place rests on what is not known. */
  unsure: ReadonlyMap<Service, string>;
}

/** In: the services exported to a namespace, in Istio's order. */
export function importedBy(
  listener: EgressListener,
  namespace: string,
  visible: readonly Service[],
  crowd: Crowd,
): Imported {
  const wanted = listener === everything ? visible : visible.filter(importer(listener, namespace));
  // A listener that is a forward proxy takes every port (model/sidecar.go needsPortMatch).
  const port = listener.port?.protocol === "HTTP_PROXY" ? null : listener.port;
  const fitting =
    port === null ? wanted : wanted.filter((one) => one.offers.some((offer) => offer.port.number === port.number));
  const exact = listener !== everything && isExact(listener);
  const rivalry = rivals(fitting, namespace, exact, crowd);
  const services = rivalry.lostTo.size === 0 ? fitting : fitting.filter((one) => !rivalry.lostTo.has(one));
  if (exact) noteOthers(services, rivalry.unsure, crowd);
  const here = new Set(services);
  const byPort = new Map<number, Offer[]>();
  return {
    port: listener.port,
    local: listener.local,
    exact,
    has: (service) => here.has(service),
    offersOn(number) {
      const known = byPort.get(number) ?? offersOn(services, number, port);
      byPort.set(number, known);
      return known;
    },
    ...rivalry,
  };
}

interface Rivalry {
  lostTo: Map<Service, { to: Service; rule: string }>;
  unsure: Map<Service, string>;
}

/**
 * Of one host, the services of one namespace only: the workload's own, else that of the first (model/sidecar.go selectServices).
 * The others are not there at all, on no port.
 */
function rivals(services: readonly Service[], namespace: string, exact: boolean, crowd: Crowd): Rivalry {
  const rivalry: Rivalry = { lostTo: new Map(), unsure: new Map() };
  const shared = Map.groupBy(
    services.filter((service) => crowd.having(service.host).length > 1),
    (service) => service.host,
  );
  for (const all of shared.values()) {
    const own = all.find((service) => service.entry.namespace === namespace);
    const winner = own ?? all[0];
    for (const service of all) {
      if (winner === undefined || service.entry.namespace === winner.entry.namespace) continue;
      const rule = own === undefined ? "comes first" : "is of the workload's own namespace";
      rivalry.lostTo.set(service, { to: winner, rule });
      if (own !== undefined || rivalry.unsure.has(winner) || isOrderSure(winner, service, exact)) continue;
      const names = `${nameOf(winner.entry)} or ${nameOf(service.entry)}`;
      rivalry.unsure.set(winner, `which of ${names} is older, hence has ${service.host}, the manifests do not say`);
    }
  }
  return rivalry;
}

/** Istio 1.32 takes the oldest service of an exact host only, even where that one is not to be seen (servicesForExactHosts). */
function noteOthers(services: readonly Service[], unsure: Map<Service, string>, crowd: Crowd): void {
  for (const service of services) {
    if (crowd.isFirst(service)) continue;
    const which = `only the oldest entry of ${service.entry.namespace} with ${service.host}, and its first address`;
    unsure.set(service, `for exact hosts of a Sidecar, Istio 1.32 takes ${which}`);
  }
}

/**
 * Is it known that `a` comes before `b`? Entries for chosen namespaces come before those for all, whatever their age
 * (model/push_context.go servicesExportedToNamespace), but for the exact hosts of a Sidecar in Istio 1.32, which go by age alone.
 */
export function isOrderSure(a: Service, b: Service, exact: boolean): boolean {
  if (a.entry === b.entry) return true;
  return (a.isPublic !== b.isPublic || isAgeKnown(a, b)) && (!exact || byAge(a, b) <= 0);
}

/** The listener's own protocol wins over the port's (listener.go buildSidecarOutboundListeners). */
function offersOn(services: readonly Service[], number: number, port: EgressListener["port"]): Offer[] {
  if (port !== null && port.number !== number) return [];
  const spoken = (own: EntryPort): EntryPort =>
    port === null ? own : { ...own, protocol: port.protocol, class: port.class };
  return services.flatMap((service) => {
    const offer = service.offers.find((one) => one.port.number === number);
    if (offer === undefined) return [];
    return port === null ? [offer] : [{ service, port: spoken(offer.port) }];
  });
}
