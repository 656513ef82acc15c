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
  doubts: string[];
}

/** The chain for plaintext HTTP. `own`: that of a service without protocol on its own address; null: the port's table of hosts. */
export interface HttpChain {
  kind: "http";
  own: Offer | null;
}

export type Chain = NetChain | HttpChain;

/** `at`: the address it is bound to, null for 0.0.0.0. */
export interface Listener {
  at: string | null;
  /** Of the service that made it, until HTTP and TCP meet: then `auto`, which is sniffed. */
  class: PortClass;
  chains: Chain[];
  /** Made by a Sidecar's listener for this port: nothing else joins. */
  locked: boolean;
}

/** Is the chain asked for nothing, hence the listener's default (listener.go isMatchAll)? */
export const takesAll = (chain: Chain): chain is NetChain =>
  chain.kind === "net" && chain.sni === null && chain.range === null;

const lonely: readonly PortClass[] = ["mongo", "mysql"];

/** What a listener does with one more service: joins it, or says why not. */
export type Joined = { ok: true } | { ok: false; why: string; to: Service | null };

/**
 * Adds a service's chains to a listener that is there. HTTP and TCP on one port are told apart by sniffing; of two chains that ask for the
 * same, the first stays; Mongo and MySQL, whose server speaks first, share with nobody; a service without protocol comes second to one
 * that is sniffed already (listener.go buildSidecarOutboundListener, mergeTCPFilterChains, isConflictWithWellKnownPort).
 */
export function join(listener: Listener, offer: Offer, chains: readonly Chain[]): Joined {
  const incoming = offer.port.class;
  const isSniffed = listener.class === "auto";
  if (isSniffed && incoming === "http") return { ok: true };
  if (isSniffed && incoming === "auto") return lostTo(listener, "and the port is sniffed already");
  if (incoming !== listener.class && (lonely.includes(incoming) || lonely.includes(listener.class))) {
    return lostTo(listener, "and Mongo and MySQL share a port with no other protocol");
  }
  let lost: Joined = { ok: true };
  for (const chain of chains) {
    const rival = listener.chains.find((one) => isSame(one, chain));
    if (rival === undefined) listener.chains.push(chain);
    else if (rival.kind === "net")
      lost = { ok: false, why: `${nameOf(rival.offer.service.entry)} has it first`, to: rival.offer.service };
  }
  if (incoming === "http" || incoming === "auto") listener.class = "auto";
  return lost;
}

function lostTo(listener: Listener, why: string): Joined {
  const first = listener.chains.find((one) => one.kind === "net");
  const to = first?.kind === "net" ? first.offer.service : null;
  return { ok: false, why: to === null ? `another is first, ${why}` : `${nameOf(to.entry)} is first, ${why}`, to };
}

/** Do two chains ask for the same (listener.go conflictsWith)? Ranges are masked, so bits that do not matter are gone. */
function isSame(a: Chain, b: Chain): boolean {
  if (a.kind === "http" || b.kind === "http") return a.kind === b.kind;
  return a.sni === b.sni && open(a.range) === open(b.range);
}

/** 0.0.0.0/0 asks for nothing. */
const open = (range: string | null): string | null => (range?.startsWith("0.0.0.0/") ? null : range);
