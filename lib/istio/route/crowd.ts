/** What entries are to each other, whoever sees them. */
import type { NameIndex } from "./names.ts";
import type { Service } from "./service.ts";

export interface Crowd {
  /** All services of a host, oldest first. */
  having(host: string): readonly Service[];
  /** Some entry gives the host endpoints on a port: they belong to a host and namespace, and not to an entry. */
  hasEndpoints(service: Service, port: number): boolean;
  /** The oldest service of its host and namespace. */
  isFirst(service: Service): boolean;
}

/** In: all services by host, oldest first. */
export function crowdOf(byHost: NameIndex<Service[]>): Crowd {
  const having = (host: string) => byHost.at(host) ?? [];
  const kin = (service: Service) =>
    having(service.host).filter((one) => one.entry.namespace === service.entry.namespace);
  const gives = ({ entry: { resolution, endpoints } }: Service) =>
    resolution !== "NONE" && (endpoints.length > 0 || resolution.startsWith("DNS"));
  return {
    having,
    hasEndpoints: (service, port) =>
      kin(service).some((one) => gives(one) && one.offers.some((offer) => offer.port.number === port)),
    isFirst: (service) => kin(service)[0] === service,
  };
}
