/** The hosts of a port's HTTP, as one route table (core/httproute.go BuildSidecarOutboundVirtualHosts). */
import { nameIndex } from "./names.ts";
import type { Offer } from "./service.ts";

export interface VirtualHosts {
  /** By the Host header: exact, then the longest wildcard. The port in it does not count. */
  find(host: string): Offer | null;
  /** A Host header that is an address: it is a domain of the entry that has it. */
  findAddress(address: string): FoundAddress | null;
  /** A service's own host, where it has one here. */
  at(host: string): Offer | null;
}

/** `isChance`: Istio goes through its services in no order, so it may be another one. */
export interface FoundAddress {
  offer: Offer;
  isChance: boolean;
}

const isHeard = ({ port }: Offer): boolean => port.class === "http" || port.class === "auto";

/**
 * Of several services with one host the last one is the host's, and it is none of HTTP's where its port speaks TLS or TCP. A service
 * without protocol has a host too. Of an entry's several addresses only one becomes a domain, and chance decides which.
 */
export function virtualHosts(offers: readonly Offer[]): VirtualHosts {
  const names = nameIndex<Offer>();
  const addresses = new Map<string, FoundAddress>();
  const byHost = new Map<string, Offer>();
  for (const offer of offers) if (offer.port.class !== "none") byHost.set(offer.service.host, offer);
  for (const [host, offer] of byHost) if (isHeard(offer)) names.set(host, offer);
  for (const offer of offers) {
    const { at, host, entry } = offer.service;
    const last = names.at(host);
    const [address] = at.kind === "address" ? at.addresses : [];
    if (address === undefined || last?.service.entry !== entry) continue;
    addresses.set(address, { offer: last, isChance: entry.addresses.length > 1 || addresses.has(address) });
  }
  return {
    find: (host) => names.nearest(host) ?? null,
    findAddress: (address) => addresses.get(address) ?? null,
    at: (host) => names.at(host) ?? null,
  };
}
