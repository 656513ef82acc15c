/** An entry taken apart into what Istio calls services: one for each host and address (istio conversion.go convertServices). */
import type { EntryPort, MeshSettings, PortClass, ServiceEntry } from "../in-force.ts";
import { exportedTo } from "./export-to.ts";
import { versionAtLeast } from "./version.ts";

/** Where a service's TCP listener is. `anywhere`: 0.0.0.0. `range`: 0.0.0.0 too, told apart by the address dialled. */
export type At =
  | { kind: "anywhere" }
  | { kind: "address"; addresses: readonly string[] }
  | { kind: "range"; range: string };

export interface Service {
  entry: ServiceEntry;
  host: string;
  at: At;
  /** Exported to all namespaces. */
  isPublic: boolean;
  offers: readonly Offer[];
}

/** A service on one of its ports. `port.class` is another one than the entry's where a Sidecar's listener says so. */
export interface Offer {
  service: Service;
  port: EntryPort;
}

/** On 0.0.0.0, does a port of this class ask for nothing, hence take all that nothing else takes? */
export const takesWhole = (of: PortClass): boolean => of === "tcp" || of === "mongo" || of === "mysql" || of === "auto";

/**
 * The services of an entry, hosts first, as Istio orders them. Addresses that Istio gives out (`status.addresses`) count only where
 * the sidecar answers DNS questions (model/service.go nodeUsesAutoallocatedIPs), and only for entries that have none of their own.
 */
export function servicesOf(entry: ServiceEntry, settings: MeshSettings): Service[] {
  return entry.hosts.flatMap((host) => placesOf(entry, host, settings).map((at) => serviceAt(entry, host, at)));
}

function serviceAt(entry: ServiceEntry, host: string, at: At): Service {
  const offers: Offer[] = [];
  const service = { entry, host, at, offers, isPublic: exportedTo(entry) === "all" };
  for (const port of entry.ports) offers.push({ service, port });
  return service;
}

function placesOf(entry: ServiceEntry, host: string, settings: MeshSettings): At[] {
  if (entry.addresses.length > 0) {
    return entry.addresses.map((one) => {
      if (one === "0.0.0.0") return { kind: "anywhere" };
      return one.includes("/") ? { kind: "range", range: one } : { kind: "address", addresses: [one] };
    });
  }
  const given = settings.dnsCapture ? givenTo(entry, host, settings) : [];
  return given.length === 0 ? [{ kind: "anywhere" }] : [{ kind: "address", addresses: given }];
}

/**
 * The addresses Istio gave a host, IPv4 first. Where none is written down yet (a manifest that is not applied, or that was written
 * without its status), a word that stands for the one it will be: nobody dials it but who asks the captured DNS for the host.
 */
function givenTo(entry: ServiceEntry, host: string, settings: MeshSettings): string[] {
  if (entry.resolution === "NONE" || !entry.autoAddress) return [];
  const given = entry.vips.filter((vip) => vip.host === host).map((vip) => vip.address);
  if (given.length > 0) return given.sort((a, b) => Number(a.includes(":")) - Number(b.includes(":")));
  return versionAtLeast(settings.istio, 1, 25) === false ? [] : [pendingAddress(entry, host)];
}

const pendingAddress = (entry: ServiceEntry, host: string): string =>
  `pending ${entry.namespace} ${entry.name} ${host}`;

/** Oldest first, then by host and namespace (model/push_context.go SortServicesByCreationTime). An unknown age counts as old. */
export function byAge(a: Service, b: Service): number {
  const age = compare(a.entry.created ?? 0, b.entry.created ?? 0);
  if (age !== 0) return age;
  return (
    compare(a.host, b.host) || compare(a.entry.namespace, b.entry.namespace) || compare(a.entry.name, b.entry.name)
  );
}

const compare = <T extends string | number>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Is it known which of two services Istio puts first? Of one age and one host in one namespace it is not, and of two that are not applied
 * yet neither; one of those comes after all that are in force.
 */
export function isAgeKnown(a: Service, b: Service): boolean {
  const [one, other] = [a.entry.created, b.entry.created];
  if (one === Number.POSITIVE_INFINITY || other === Number.POSITIVE_INFINITY) return one !== other;
  if (one === null || other === null) return false;
  return one !== other || a.host !== b.host || a.entry.namespace !== b.entry.namespace;
}
