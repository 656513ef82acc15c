/** Entries that are about a flow and do not get it, each with the rule that keeps it away. */
import type { PortClass, ServiceEntry } from "../in-force.ts";
import { exportedTo, isExported } from "./export-to.ts";
import { type Flow, nameOf, type Shadowed } from "./flow.ts";
import type { Met } from "./land.ts";
import { lostText } from "./listener.ts";
import type { PortTable } from "./port-table.ts";
import type { Scope } from "./scope.ts";
import type { Service } from "./service.ts";
import type { RouteTable } from "./table.ts";

export interface Asked {
  flow: Flow;
  met: Met;
  scope: Scope;
  port: PortTable;
  table: RouteTable;
  winner: ServiceEntry | null;
}

/** At most this many: a thousand entries may want one port. */
const most = 10;

/** The entries that name the flow's host or hold its address, and those that would take the whole port; the winner is not among them. */
export function shadowedBy(asked: Asked): Shadowed[] {
  const { flow, met, port, table, winner } = asked;
  const name = met.name ?? flow.host;
  const candidates = [
    ...(name === null ? [] : table.byHost.covering(name)).flat(),
    ...(flow.address === null ? [] : table.byAddress.covering(flow.address)).flat(),
    ...port.greedy,
  ];
  const told = new Map<ServiceEntry, string>();
  for (const service of candidates) {
    if (told.size >= most) break;
    if (service.entry !== winner && !told.has(service.entry)) told.set(service.entry, whyNot(service, asked));
  }
  return [...told].map(([entry, why]) => ({ entry, why }));
}

function whyNot(service: Service, { flow, met, scope, port, winner }: Asked): string {
  const { entry } = service;
  const to = exportedTo(entry);
  if (!isExported(entry, flow.source.namespace)) {
    return `it is exported to ${to === "all" || to.length === 0 ? "nobody" : to.join(", ")}, not to ${flow.source.namespace}`;
  }
  if (!scope.has(service)) return scope.whyNot(service);
  const offer = service.offers.find((one) => one.port.number === flow.port);
  if (offer === undefined) return `it has no port ${flow.port}`;
  const dropped = port.dropped.get(service);
  if (dropped !== undefined) return lostText(dropped);
  if (!meets(met.kind, offer.port.class)) return `it speaks ${offer.port.protocol} on port ${flow.port}`;
  const { at } = service;
  if (
    offer.port.class !== "http" &&
    at.kind !== "anywhere" &&
    (met.address === null || !isAt(service, port, met.address))
  ) {
    return "it is told by its addresses, and what was dialled is none of them";
  }
  return winner === null ? "its name or SNI was not seen" : `${nameOf(winner)} is more specific`;
}

const meets = (kind: Met["kind"], of: PortClass): boolean =>
  of === "auto" || (kind === "http" ? of === "http" : kind === "tls" ? of !== "http" : of !== "http" && of !== "tls");

function isAt({ at }: Service, port: PortTable, address: string): boolean {
  return at.kind === "address" ? at.addresses.includes(address) : port.open?.hasRanges === true;
}
