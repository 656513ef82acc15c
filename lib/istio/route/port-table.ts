/** A port of a sidecar: its listeners, and the hosts its HTTP is told apart by. */
import { type ChainIndex, indexChains } from "./chains.ts";
import type { Crowd } from "./crowd.ts";
import { nameOf } from "./flow.ts";
import { type Chain, join, type Listener } from "./listener.ts";
import { isOrderSure } from "./order.ts";
import type { Imported, Scope } from "./scope.ts";
import { type Offer, type Service, takesWhole } from "./service.ts";
import { type VirtualHosts, virtualHosts } from "./virtual-hosts.ts";

export interface PortTable {
  /** By the address they are bound to. */
  bound: ReadonlyMap<string, ChainIndex>;
  /** 0.0.0.0. */
  open: ChainIndex | null;
  hosts: VirtualHosts;
  /** Why a service's TCP or TLS is not on the listener it is meant for. */
  dropped: ReadonlyMap<Service, string>;
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
  dropped: Map<Service, string>;
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
    for (const offer of imported.offers.get(number) ?? []) add(offer, imported, work);
  }
  const open = work.listeners.get(wildcard);
  work.listeners.delete(wildcard);
  // The hosts of a port are those of the first listener that is for it (model/sidecar.go GetEgressListenerForRDS).
  const forPort = scope.listeners.find((one) => one.port === null || one.port.number === number);
  return {
    bound: new Map([...work.listeners].map(([at, listener]) => [at, indexChains(listener)])),
    open: open === undefined ? null : indexChains(open),
    hosts: virtualHosts((forPort?.offers.get(number) ?? []).map(asWritten)),
    dropped: work.dropped,
    greedy: greedy(work.dropped, number),
    doubts: [...work.doubts],
  };
}

function greedy(dropped: ReadonlyMap<Service, string>, number: number): Service[] {
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
  if (port.class === "none") return void work.dropped.set(service, `${port.protocol} has no listener`);
  if (port.class === "http" && reserved.includes(port.number)) {
    return void work.dropped.set(service, `port ${port.number} is the sidecar's own`);
  }
  if (imported.port === null && isPerEndpoint(offer, work.crowd)) {
    work.doubts.add(
      `${nameOf(service.entry)} has a listener for each endpoint of ${service.host}, which are not known`,
    );
    return void work.dropped.set(service, `it listens at the endpoints of ${service.host}, and not on the whole port`);
  }
  const isHttp = port.class === "http";
  const places = !isHttp && service.at.kind === "address" ? service.at.addresses : [wildcard];
  const [at = wildcard] = places;
  const listener = work.listeners.get(at);
  if (listener?.locked)
    return void work.dropped.set(service, "a Sidecar's egress listener has the port for other hosts");
  const chains = chainsOf(offer);
  if (listener !== undefined) {
    merge(listener, offer, imported, chains, work);
    return;
  }
  const made: Listener = {
    at: at === wildcard ? null : at,
    class: isHttp ? "auto" : port.class,
    chains,
    locked: false,
  };
  for (const place of places) if (!work.listeners.has(place)) work.listeners.set(place, made);
}

function merge(listener: Listener, offer: Offer, imported: Imported, chains: Chain[], work: Work): void {
  const joined = join(listener, offer, chains);
  if (joined.ok) return;
  work.dropped.set(offer.service, joined.why);
  if (joined.to === null || isOrderSure(joined.to, offer.service, imported.exact)) return;
  const names = `${nameOf(joined.to.entry)} or ${nameOf(offer.service.entry)}`;
  const doubt = `which of ${names} is older, hence first on port ${offer.port.number}, the manifests do not say`;
  for (const chain of listener.chains) {
    if (chain.kind === "net" && chain.offer.service === joined.to) chain.doubts.push(doubt);
  }
}

/**
 * NONE, no addresses, and a workloadSelector or another entry that gives the host endpoints: a listener for each of those, and none for
 * the port (listener.go buildSidecarOutboundListeners).
 */
const isPerEndpoint = ({ service, port }: Offer, crowd: Crowd): boolean =>
  service.entry.resolution === "NONE" &&
  service.at.kind === "anywhere" &&
  port.class !== "http" &&
  (service.entry.selects || crowd.hasEndpoints(service, port.number));

/**
 * A service's chains. TLS asks for the SNI where no address tells services apart: on 0.0.0.0, in a range, and always with
 * DYNAMIC_DNS (core/tls.go buildSidecarOutboundTLSFilterChainOpts). HTTP is told from TCP by sniffing.
 */
function chainsOf(offer: Offer): Chain[] {
  const { service, port } = offer;
  if (port.class === "http") return [{ kind: "http", own: null }];
  const range = service.at.kind === "range" ? service.at.range : null;
  const isBound = service.at.kind === "address";
  const asks =
    port.class === "tls" && (!isBound || (service.host.startsWith("*") && service.entry.resolution === "DYNAMIC_DNS"));
  const net: Chain = { kind: "net", offer, sni: asks ? service.host : null, range, doubts: doubtsOf(offer, isBound) };
  if (port.class !== "auto") return [net];
  return [net, { kind: "http", own: isBound ? offer : null }];
}

/** Kubernetes' own Services are not among the manifests; one with HTTP on the port turns some protocols away. */
function doubtsOf({ service, port }: Offer, isBound: boolean): string[] {
  if (isBound || port.class === "tcp" || port.class === "tls") return [];
  const said = port.protocol === null ? "without a protocol" : `with ${port.protocol}`;
  return [
    `${nameOf(service.entry)} ${said} on port ${port.number} gives way to a Kubernetes Service with HTTP on it, and those are not known`,
  ];
}
