/** Entries in force that proposed ones put out of work, whether or not a flow was seen that needs them. */
import type { ServiceEntry } from "../in-force.ts";
import { exportedTo, isExported } from "./export-to.ts";
import { type Flow, nameOf } from "./flow.ts";
import { lostText } from "./listener.ts";
import { type Offer, type Service, takesWhole } from "./service.ts";
import type { RouteTable, Scoped } from "./table.ts";

export interface Shadowing {
  kind: "shadowed";
  entry: ServiceEntry;
  host: string;
  port: number;
  /** Of whose workloads; null: of every namespace that has no entries or Sidecar of its own. */
  namespace: string | null;
  /** What has it now; null where nothing has. */
  by: ServiceEntry | null;
  why: string;
}

/**
 * Compares what is at work before and after, for those entries that share a host, an address or a port's whole with a changed one, in the
 * namespaces of the flows, of the entries, of their exportTo, and in one of which nothing is said.
 */
export function shadowings(
  flows: readonly Flow[],
  before: RouteTable,
  after: RouteTable,
  changed: readonly ServiceEntry[],
): Shadowing[] {
  const names = new Set(changed.map(nameOf));
  const afterByEntry = Map.groupBy(after.services, ({ entry }) => nameOf(entry));
  const shared = rivals(
    before,
    after.services.filter(({ entry }) => names.has(nameOf(entry))),
  );
  const near = new Set([...flows.map((flow) => flow.source.namespace), ...changed.flatMap(spotsOf), nowhere]);
  return [...shared]
    .filter(({ entry }) => !names.has(nameOf(entry)))
    .flatMap((service) => {
      const twin = (afterByEntry.get(nameOf(service.entry)) ?? []).find((one) => isTwin(one, service));
      const own = spotsOf(service.entry).filter((namespace) => !near.has(namespace));
      const places = [...near, ...own].filter((namespace) => isExported(service.entry, namespace));
      return places.flatMap((namespace) =>
        service.offers.flatMap((offer) => lostIn(namespace, offer, twin, { before, after })),
      );
    });
}

/** No namespace is called that. */
const nowhere = "";

function spotsOf(entry: ServiceEntry): string[] {
  const to = exportedTo(entry);
  return [entry.namespace, ...(to === "all" ? [] : to)];
}

const isTwin = (a: Service, b: Service): boolean => a.host === b.host && JSON.stringify(a.at) === JSON.stringify(b.at);

/** Services that could lose something to the changed ones. */
function rivals(before: RouteTable, changed: readonly Service[]): Set<Service> {
  const found = new Set<Service>();
  const whole = new Set<number>();
  for (const { host, at, offers } of changed) {
    for (const rival of before.byHost.at(host) ?? []) found.add(rival);
    const places = at.kind === "range" ? [at.range] : at.kind === "address" ? at.addresses : [];
    for (const place of places) for (const rival of before.byAddress.at(place) ?? []) found.add(rival);
    if (at.kind === "anywhere") for (const { port } of offers) whole.add(port.number);
  }
  for (const service of before.services) {
    const wants = service.offers.some(({ port }) => whole.has(port.number) && takesWhole(port.class));
    if (service.at.kind === "anywhere" && wants) found.add(service);
  }
  return found;
}

function lostIn(
  namespace: string,
  offer: Offer,
  twin: Service | undefined,
  tables: { before: RouteTable; after: RouteTable },
): Shadowing[] {
  const { service, port } = offer;
  const was = tables.before.scopeFor(namespace, undefined);
  if (idle(service, port.number, was, tables.before) !== null) return [];
  const now = tables.after.scopeFor(namespace, undefined);
  const lost = twin === undefined ? { why: "it is gone", to: null } : idle(twin, port.number, now, tables.after);
  if (lost === null) return [];
  const { entry, host } = service;
  const why = `${nameOf(entry)} loses ${host} on port ${port.number}: ${lost.why}`;
  const where = namespace === nowhere ? null : namespace;
  const by = lost.to?.entry ?? null;
  return [{ kind: "shadowed", entry, host, port: port.number, namespace: where, by, why }];
}

interface Idle {
  why: string;
  /** What has its place. */
  to: Service | null;
}

/** Why a service is not at work on a port for a scope; null where it is. */
function idle(service: Service, number: number, { scope }: Scoped, table: RouteTable): Idle | null {
  const isOffered = scope.has(service) && scope.listeners.some((one) => (one.port?.number ?? number) === number);
  if (!isOffered) return { why: scope.whyNot(service), to: scope.lostTo(service) };
  const port = table.portOf(scope, number);
  const dropped = port.dropped.get(service);
  if (dropped !== undefined) return { why: lostText(dropped), to: dropped.to };
  const offer = service.offers.find((one) => one.port.number === number);
  const isHttp = offer?.port.class === "http" || offer?.port.class === "auto";
  if (isHttp && port.hosts.at(service.host) === null) {
    return { why: `its host speaks something else on port ${number}`, to: null };
  }
  const target = scope.clusterOf(service.host)?.ports.get(number);
  return target === undefined || target.port.class === "none"
    ? { why: `another entry of ${service.host} has no such port`, to: null }
    : null;
}
