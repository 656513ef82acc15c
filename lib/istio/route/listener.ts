/** One listener of a sidecar and its filter chains, put together as Istio does it. */
import type { PortClass } from "../in-force.ts";
import { nameOf } from "./flow.ts";
import type { Offer, Service } from "./service.ts";

/** A chain for one service's TCP or TLS. `sni` and `range` are what it asks for; null asks for nothing. */
export interface NetChain {
  kind: "net";
  offer: Offer;
  sni: string | null;
  range: string | null;
}

/** The chain for plaintext HTTP. `own`: that of a service without protocol on its own address; null: the port's table of hosts. */
export interface HttpChain {
  kind: "http";
  own: Offer | null;
}

export type Chain = NetChain | HttpChain;

export interface Listener {
  /** Of the service that made it, until HTTP and TCP meet: then `auto`, which is sniffed. */
  class: PortClass;
  /** By what they ask for. */
  chains: Map<string, Chain>;
  /** What is not certain about a service's being here. */
  doubts: Map<Service, string>;
  /** Made by a Sidecar's listener for this port: nothing else joins. */
  locked: boolean;
}

/** Why a service has no chain on a listener: `to` came before it. */
export interface Lost {
  to: Service | null;
  rule: string;
}

export const lostText = ({ to, rule }: Lost): string => (to === null ? rule : `${nameOf(to.entry)} ${rule}`);

/** Is the chain asked for nothing, hence the listener's default (listener.go isMatchAll)? */
export const takesAll = (chain: Chain): chain is NetChain =>
  chain.kind === "net" && chain.sni === null && chain.range === null;

/**
 * A service's chains. TLS asks for the SNI where no address tells services apart: on 0.0.0.0, in a range, and always with
 * DYNAMIC_DNS (core/tls.go buildSidecarOutboundTLSFilterChainOpts). HTTP is told from TCP by sniffing.
 */
export function chainsOf(offer: Offer): Chain[] {
  const { service, port } = offer;
  if (port.class === "http") return [{ kind: "http", own: null }];
  const range = service.at.kind === "range" ? service.at.range : null;
  const isBound = service.at.kind === "address";
  const isDynamic = service.host.startsWith("*") && service.entry.resolution === "DYNAMIC_DNS";
  const sni = port.class === "tls" && (!isBound || isDynamic) ? service.host : null;
  const net: Chain = { kind: "net", offer, sni, range };
  return port.class === "auto" ? [net, { kind: "http", own: isBound ? offer : null }] : [net];
}

export const listenerOf = (offer: Offer): Listener => ({
  class: offer.port.class === "http" ? "auto" : offer.port.class,
  chains: new Map(chainsOf(offer).map((chain) => [askedBy(chain), chain])),
  doubts: new Map(),
  locked: false,
});

/** What a chain asks for; of two with the same, the first stays (listener.go conflictsWith). 0.0.0.0/0 asks for nothing. */
function askedBy(chain: Chain): string {
  if (chain.kind === "http") return "http";
  return `${chain.sni ?? ""} ${chain.range?.startsWith("0.0.0.0/") ? "" : (chain.range ?? "")}`;
}

const lonely: readonly PortClass[] = ["mongo", "mysql"];

/**
 * Adds a service to a listener that is there; null, or why not. HTTP and TCP on one port are told apart by sniffing; of two chains that
 * ask for the same, the first stays; Mongo and MySQL, whose server speaks first, share with nobody; a service without protocol comes
 * second to one that is sniffed already (listener.go buildSidecarOutboundListener, mergeTCPFilterChains, isConflictWithWellKnownPort).
 */
export function join(listener: Listener, offer: Offer): Lost | null {
  const incoming = offer.port.class;
  const isSniffed = listener.class === "auto";
  if (isSniffed && incoming === "http") return null;
  if (isSniffed && incoming === "auto") return lostToFirst(listener, "is first, and the port is sniffed already");
  if (incoming !== listener.class && (lonely.includes(incoming) || lonely.includes(listener.class))) {
    return lostToFirst(listener, "is first, and Mongo and MySQL share a port with no other protocol");
  }
  let lost: Lost | null = null;
  for (const chain of chainsOf(offer)) {
    const key = askedBy(chain);
    const rival = listener.chains.get(key);
    if (rival === undefined) listener.chains.set(key, chain);
    else if (rival.kind === "net") lost = { to: rival.offer.service, rule: "has it first" };
  }
  if (incoming === "http" || incoming === "auto") listener.class = "auto";
  return lost;
}

function lostToFirst(listener: Listener, rule: string): Lost {
  for (const chain of listener.chains.values()) if (chain.kind === "net") return { to: chain.offer.service, rule };
  return { to: null, rule: `another ${rule}` };
}
