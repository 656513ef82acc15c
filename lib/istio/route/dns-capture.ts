/** Sidecars that answer DNS questions, and the addresses of Istio's own that come of it. */
import { addressKind } from "../../words/address.ts";
import type { Flow } from "./flow.ts";
import { type Landing, land, type Met } from "./land.ts";
import type { PortTable } from "./port-table.ts";
import type { Scope } from "./scope.ts";
import type { Service } from "./service.ts";
import type { RouteTable } from "./table.ts";

export interface Where {
  scope: Scope;
  port: PortTable;
  table: RouteTable;
}

/**
 * Lands a flow. With DNS capture, who asks for a name that an entry has an address for dials that address, and not the one that was seen
 * before the entry was there (pkg/dns/server/name_table.go). One of Istio's own addresses that no entry has was an entry's once, is one's
 * that is not among the manifests, or shows that DNS is captured where it was said not to be (istio issue 56053).
 */
export function landAsked(flow: Flow, met: Met, { scope, port, table }: Where): Landing {
  const literal = land(met, port);
  const isIstios = met.address !== null && addressKind(met.address) === "istio-vip";
  const isHere = isIstios && (table.byAddress.at(met.address ?? "") ?? []).some((service) => scope.has(service));
  if (isIstios && !isHere && (literal.offer === null || literal.by === "port")) {
    return doubted(literal, `${met.address} is one of Istio's own addresses, and no entry that counts has it`);
  }
  const name = met.name ?? flow.host;
  const answers = name === null || !table.settings.dnsCapture ? [] : answersFor(name, scope, table);
  const [first] = answers;
  if (first === undefined || (met.address !== null && answers.includes(met.address))) return literal;
  const asked = land({ ...met, address: first }, port);
  if (asked.offer === literal.offer) return literal;
  if (met.address === null) return asked;
  return doubted(asked, `${met.address} was dialled, and who asks the mesh's DNS for ${name} dials ${spelt(first)}`);
}

const doubted = (landing: Landing, doubt: string): Landing => ({ ...landing, doubts: [...landing.doubts, doubt] });

/** The addresses of the nearest host that has some: itself, or the longest wildcard. */
function answersFor(name: string, scope: Scope, table: RouteTable): readonly string[] {
  const nearest = table.byHost
    .covering(name)
    .map((all) => all.filter((service) => scope.has(service)).flatMap(addressesOf))
    .find((addresses) => addresses.length > 0);
  return nearest ?? [];
}

const addressesOf = ({ at }: Service): readonly string[] => (at.kind === "address" ? at.addresses : []);

/** An address for people: one that is not given out yet has none. */
export const spelt = (address: string): string =>
  address.startsWith("pending ") ? "the address Istio gives it" : address;
