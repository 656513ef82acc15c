/** A port of a sidecar: its listeners, and the hosts its HTTP is told apart by. */
import { type ChainIndex, indexChains } from "./chains.ts";
import type { Crowd } from "./crowd.ts";
import { nameOf } from "./flow.ts";
import { type Imported, isOrderSure } from "./imported.ts";
import { join, type Listener, type Lost, listenerOf } from "./listener.ts";
import type { Scope } from "./scope.ts";
import { type Offer, type Service, takesWhole } from "./service.ts";
import { type VirtualHosts, virtualHosts } from "./virtual-hosts.ts";

export interface PortTable {
  /** By the address they are bound to. */
  bound: ReadonlyMap<string, ChainIndex>;
  /** 0.0.0.0. */
  open: ChainIndex | null;
  hosts: VirtualHosts;
  /** Why a service's TCP or TLS is not on the listener it is meant for. */
  dropped: ReadonlyMap<Service, Lost>;
  /** Those dropped that would take the whole port, the first few of them: a thousand may want one port. */
  greedy: readonly Service[];
  /** What makes all of the port uncertain. */
  doubts: readonly string[];
}

/** The sidecar's own: no HTTP listener is put there (model/context.go conflictWithReservedListener, with Istio's default ports). */
const reserved = [15001, 15006, 15021, 15090];

interface Work {
  crowd: Crowd;
  listeners: Map<string, Listener>;
  dropped: Map<Service, Lost>;
  doubts: Set<string>;
}

const wildcard = "0.0.0.0";

/**
 * The table of one port. Listeners with a port come first and lock what they make; the one without port, which is the last, adds the
 * rest (listener.go buildSidecarOutboundListeners).
 */
export function buildPortTable(scope: Scope, number: number, crowd: Crowd): PortTable {
  const work: Work = { crowd, listeners: new Map(), dropped: new Map(), doubts: new Set() };
  for (const imported of scope.listeners) {
    if (imported.local) {
      noteLocal(imported, number, work);
      continue;
    }
    if (imported.port === null) for (const listener of work.listeners.values()) listener.locked = true;
    for (const offer of imported.offersOn(number)) add(offer, imported, work);
  }
  const open = work.listeners.get(wildcard);
  work.listeners.delete(wildcard);
  // The hosts of a port are those of the first listener that is for it (model/sidecar.go GetEgressListenerForRDS).
  const forPort = scope.listeners.find((one) => one.port === null || one.port.number === number);
  return {
    bound: new Map([...work.listeners].map(([at, listener]) => [at, indexChains(listener)])),
    open: open === undefined ? null : indexChains(open),
    hosts: virtualHosts((forPort?.offersOn(number) ?? []).map(asWritten)),
    dropped: work.dropped,
    greedy: greedy(work.dropped, number),
    doubts: [...work.doubts],
  };
}

function greedy(dropped: ReadonlyMap<Service, Lost>, number: number): Service[] {
  const wants = ({ at, offers }: Service) =>
    at.kind === "anywhere" && offers.some(({ port }) => port.number === number && takesWhole(port.class));
  return dropped.size === 0 ? [] : [...dropped.keys()].filter(wants).slice(0, 10);
}

/** HTTP's hosts go by the entry's own protocol, whatever a Sidecar's listener says. */
const asWritten = (offer: Offer): Offer =>
  offer.service.offers.find((one) => one.port.number === offer.port.number) ?? offer;

function noteLocal(imported: Imported, number: number, work: Work): void {
  if (imported.port?.number !== number) return;
  work.doubts.add(`a Sidecar's egress listener has port ${number} to itself, on an address of its own or as a proxy`);
}

function add(offer: Offer, imported: Imported, work: Work): void {
  const { service, port } = offer;
  const misplaced = isMisplaced(offer, imported, work);
  if (misplaced !== null) return void work.dropped.set(service, { to: null, rule: misplaced });
  const places = port.class !== "http" && service.at.kind === "address" ? service.at.addresses : [wildcard];
  const listener = work.listeners.get(places[0] ?? wildcard);
  if (listener === undefined) {
    const made = listenerOf(offer);
    for (const place of places) if (!work.listeners.has(place)) work.listeners.set(place, made);
    return;
  }
  const locked = { to: null, rule: "a Sidecar's egress listener has the port for other hosts" };
  const lost = listener.locked ? locked : join(listener, offer);
  if (lost === null) return;
  work.dropped.set(service, lost);
  if (lost.to === null || listener.doubts.has(lost.to) || isOrderSure(lost.to, service, imported.exact)) return;
  const names = `${nameOf(lost.to.entry)} or ${nameOf(service.entry)}`;
  const doubt = `which of ${names} is older, hence first on port ${port.number}, the manifests do not say`;
  listener.doubts.set(lost.to, doubt);
}

/** Why an offer has no listener anywhere; null where it has. */
function isMisplaced({ service, port }: Offer, imported: Imported, work: Work): string | null {
  if (port.class === "none") return `${port.protocol} has no listener`;
  if (port.class === "http") return reserved.includes(port.number) ? `port ${port.number} is the sidecar's own` : null;
  if (imported.port !== null || !isPerEndpoint(service, port.number, work.crowd)) return null;
  work.doubts.add(`${nameOf(service.entry)} has a listener for each endpoint of ${service.host}, which are not known`);
  return `it listens at the endpoints of ${service.host}, and not on the whole port`;
}

/**
 * NONE, no addresses, and a workloadSelector or another entry that gives the host endpoints: a listener for each of those, and none for
 * the port (listener.go buildSidecarOutboundListeners).
 */
const isPerEndpoint = (service: Service, port: number, crowd: Crowd): boolean =>
  service.entry.resolution === "NONE" &&
  service.at.kind === "anywhere" &&
  (service.entry.selects || crowd.hasEndpoints(service, port));
