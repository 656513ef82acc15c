/** Where a connection lands on one port: on a service, or on nothing. */
import { parseAddress } from "../../words/address.ts";
import type { ChainIndex, Picked } from "./chains.ts";
import { type Flow, nameOf } from "./flow.ts";
import type { PortTable } from "./port-table.ts";
import type { Offer } from "./service.ts";

/** What told the service apart from others. `port`: nothing, it takes all of the port. */
export type By = "host" | "sni" | "address" | "range" | "port";

/** `answers` is false where the listener is the service's and has no route for it: HTTP 404. */
export type Landing =
  | { offer: Offer; by: By; answers: boolean; doubts: readonly string[] }
  | { offer: null; doubts: readonly string[] };

/** A flow as the sidecar sees it: `name` is the Host or the SNI. */
export interface Met {
  kind: "http" | "tls" | "tcp";
  name: string | null;
  address: string | null;
  port: number;
}

/** A flow is routed again and again, with one set of manifests and another. */
const known = new WeakMap<Flow, Met>();

/** The flow as the sidecar sees it. What Istio counted as TCP and has an SNI is TLS. */
export function metAs(flow: Flow): Met {
  const met = known.get(flow) ?? meet(flow);
  known.set(flow, met);
  return met;
}

function meet(flow: Flow): Met {
  const { port } = flow;
  const address = flow.address === null ? null : parseAddress(flow.address);
  if (flow.protocol === "http" || flow.protocol === "grpc") return { kind: "http", name: flow.host, address, port };
  if (flow.protocol === "tls" || flow.sni !== null) return { kind: "tls", name: flow.sni ?? flow.host, address, port };
  return { kind: "tcp", name: null, address, port };
}

/**
 * Lands a connection: the listener of the address and port dialled, else that of 0.0.0.0 and the port, else none (the listener filter
 * for the original destination; pilot/pkg/simulation matchListener).
 */
export function land(met: Met, table: PortTable): Landing {
  const bound = met.address === null ? undefined : table.bound.get(met.address);
  const listener = bound ?? table.open;
  const doubts = [...table.doubts];
  if (met.address === null && (table.bound.size > 0 || table.open?.hasRanges)) {
    doubts.push(`what was dialled is not known, and some entries on port ${met.port} are told by their addresses`);
  }
  if (listener === null) return { offer: null, doubts };
  if (listener.refused !== null) {
    doubts.push(
      `Envoy refuses ${listener.refused} as a server name, and with it all of this listener on port ${met.port}`,
    );
  }
  const might = listener.mightMeet(met.address);
  if (might.tls && met.kind !== "http" && met.name === null)
    doubts.push("no SNI was seen; with one, entries could match by name");
  if (might.http && met.kind === "tcp") doubts.push("counted as TCP; were it HTTP, entries could match by Host");
  const picked = listener.pick({ kind: met.kind, sni: met.kind === "tls" ? met.name : null, address: met.address });
  return chosen(picked, met, { table, listener, isBound: bound !== undefined }, doubts);
}

interface Where {
  table: PortTable;
  listener: ChainIndex;
  isBound: boolean;
}

function chosen(picked: Picked, met: Met, { table, listener, isBound }: Where, doubts: string[]): Landing {
  if (picked.kind === "fallen") return { offer: null, doubts };
  if (picked.kind === "net") {
    const { offer, sni, range } = picked;
    const by = isBound ? "address" : range !== null ? "range" : sni !== null ? "sni" : "port";
    const own = [listener.doubtOf(offer.service), isBound ? null : givesWay(offer)];
    return { offer, by, answers: true, doubts: [...doubts, ...own.filter((one) => one !== null)] };
  }
  // On its own address a service without protocol takes any Host (core/httproute.go getVirtualHostsForSniffedServicePort).
  if (picked.own !== null) {
    const offer = table.hosts.at(picked.own.service.host);
    return { offer: offer ?? picked.own, by: "address", answers: offer !== null, doubts };
  }
  return byHost(met, table, doubts);
}

/** Kubernetes' own Services are not among the manifests; one with HTTP on the port turns some protocols away. */
function givesWay({ service, port }: Offer): string | null {
  if (port.class === "tcp" || port.class === "tls") return null;
  const said = port.protocol === null ? "without a protocol" : `with ${port.protocol}`;
  const whose = `${nameOf(service.entry)} ${said} on port ${port.number}`;
  return `${whose} gives way to a Kubernetes Service with HTTP on it, and those are not known`;
}

function byHost(met: Met, table: PortTable, doubts: string[]): Landing {
  if (met.name !== null) {
    const offer = table.hosts.find(met.name);
    return offer === null ? { offer, doubts } : { offer, by: "host", answers: true, doubts };
  }
  if (met.address === null) return { offer: null, doubts: [...doubts, "neither Host nor address was seen"] };
  const found = table.hosts.findAddress(met.address);
  if (found === null) return { offer: null, doubts };
  const chance = found.isChance
    ? [`whether the Host ${met.address} is an entry's, chance decides: not all addresses are`]
    : [];
  return { offer: found.offer, by: "host", answers: true, doubts: [...doubts, ...chance] };
}
