/** What one sidecar sees: the services its egress listeners let in, one namespace for each host, and the clusters made of them. */
import type { EgressListener, EntryPort, OutboundMode, Sidecar } from "../in-force.ts";
import { type Cluster, clustersOf } from "./clusters.ts";
import type { Crowd } from "./crowd.ts";
import { nameOf } from "./flow.ts";
import { type NameIndex, nameIndex } from "./names.ts";
import { isOrderSure } from "./order.ts";
import type { Offer, Service } from "./service.ts";
import { everything, importer, isExact, modeFor } from "./visibility.ts";

/** One egress listener with the services it lets in, in Istio's order, by port. */
export interface Imported {
  port: EgressListener["port"];
  local: boolean;
  services: readonly Service[];
  offers: ReadonlyMap<number, readonly Offer[]>;
  /** Newer Istio lists the services of exact hosts in another order, and only one for each host (servicesForExactHosts). */
  exact: boolean;
}

export interface Scope {
  /** Whose it is, in words. */
  namespace: string;
  sidecar: Sidecar | null;
  mode: OutboundMode;
  listeners: readonly Imported[];
  clusters: ReadonlyMap<string, Cluster>;
  /** Every service that some listener lets in. */
  here: ReadonlySet<Service>;
  /** Why a service that is visible is not here. */
  lost: ReadonlyMap<Service, string>;
  /** Services whose place rests on an age that is not known, and what that is. */
  unsure: ReadonlyMap<Service, string>;
  /** What the captured DNS answers: the services that have an address. */
  names: NameIndex<Service[]>;
}

/** Builds the scope of a workload of `namespace`; `visible` are the services exported to it, in Istio's order. */
export function buildScope(
  namespace: string,
  sidecar: Sidecar | null,
  mesh: OutboundMode,
  visible: readonly Service[],
  crowd: Crowd,
): Scope {
  const lost = new Map<Service, string>();
  const unsure = new Map<Service, string>();
  const egress = sidecar === null || sidecar.egress.length === 0 ? [everything] : sidecar.egress;
  const listeners = egress.map((listener) => imported(listener, namespace, visible, { lost, unsure, crowd }));
  const services = listeners.flatMap((one) => one.services);
  const here = new Set(services);
  for (const service of here) lost.delete(service);
  if (sidecar !== null) {
    for (const service of visible) {
      if (!here.has(service) && !lost.has(service)) {
        lost.set(service, `Sidecar ${sidecar.namespace}/${sidecar.name} does not let it in`);
      }
    }
  }
  return {
    namespace,
    sidecar,
    mode: modeFor(sidecar, mesh),
    listeners,
    here,
    clusters: clustersOf(services),
    lost,
    unsure,
    names: namesOf(services),
  };
}

interface Notes {
  lost: Map<Service, string>;
  unsure: Map<Service, string>;
  crowd: Crowd;
}

function imported(listener: EgressListener, namespace: string, visible: readonly Service[], notes: Notes): Imported {
  const wanted = listener === everything ? visible : visible.filter(importer(listener, namespace));
  // A listener that is a forward proxy takes every port (model/sidecar.go needsPortMatch).
  const port = listener.port?.protocol === "HTTP_PROXY" ? null : listener.port;
  const withPort =
    port === null ? wanted : wanted.filter((one) => one.offers.some((offer) => offer.port.number === port.number));
  const exact = listener !== everything && isExact(listener);
  const services = oneNamespaceEach(withPort, namespace, exact, notes);
  if (exact) noteOthers(services, notes);
  return { port: listener.port, local: listener.local, services, offers: byPort(services, port), exact };
}

/**
 * Of one host, the services of one namespace only: the workload's own, else that of the first (model/sidecar.go selectServices).
 * The others are not there at all, on no port.
 */
function oneNamespaceEach(services: readonly Service[], namespace: string, exact: boolean, notes: Notes): Service[] {
  const winners = new Map<string, Service>();
  for (const service of services) {
    const first = winners.get(service.host);
    if (first === undefined || (first.entry.namespace !== namespace && service.entry.namespace === namespace)) {
      winners.set(service.host, service);
    }
  }
  return services.filter((service) => {
    const winner = winners.get(service.host) ?? service;
    if (winner.entry.namespace === service.entry.namespace) return true;
    const isOwn = winner.entry.namespace === namespace;
    const reason = isOwn ? "is of the workload's own namespace" : "comes first";
    notes.lost.set(service, `${nameOf(winner.entry)} has ${service.host} too, and ${reason}`);
    if (!isOwn && !isOrderSure(winner, service, exact)) {
      const names = `${nameOf(winner.entry)} or ${nameOf(service.entry)}`;
      notes.unsure.set(winner, `which of ${names} is older, hence has ${service.host}, the manifests do not say`);
    }
    return false;
  });
}

/** Istio 1.32 takes the oldest service of an exact host only, even where that one is not to be seen (servicesForExactHosts). */
function noteOthers(services: readonly Service[], { unsure, crowd }: Notes): void {
  for (const service of services) {
    if (crowd.isFirst(service)) continue;
    const which = `only the oldest entry of ${service.entry.namespace} with ${service.host}, and its first address`;
    unsure.set(service, `for exact hosts of a Sidecar, Istio 1.32 takes ${which}`);
  }
}

function byPort(services: readonly Service[], port: EgressListener["port"]): Map<number, Offer[]> {
  const all = new Map<number, Offer[]>();
  for (const service of services) {
    for (const offer of service.offers) {
      if (port !== null && offer.port.number !== port.number) continue;
      const said = port === null ? offer : { service, port: spoken(offer.port, port) };
      const list = all.get(offer.port.number);
      if (list === undefined) all.set(offer.port.number, [said]);
      else list.push(said);
    }
  }
  return all;
}

/** The listener's own protocol wins over the port's (listener.go buildSidecarOutboundListeners). */
const spoken = (port: EntryPort, listener: NonNullable<EgressListener["port"]>): EntryPort => ({
  ...port,
  protocol: listener.protocol,
  class: listener.class,
});

function namesOf(services: readonly Service[]): NameIndex<Service[]> {
  const names = nameIndex<Service[]>();
  for (const service of services) {
    if (service.at.kind !== "address") continue;
    const known = names.at(service.host);
    if (known === undefined) names.set(service.host, [service]);
    else known.push(service);
  }
  return names;
}
