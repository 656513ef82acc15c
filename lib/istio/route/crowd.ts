/** What entries are to each other, whoever sees them. */
import type { Service } from "./service.ts";

export interface Crowd {
  /** Some entry gives the host endpoints on a port: they belong to a host and namespace, and not to an entry. */
  hasEndpoints(service: Service, port: number): boolean;
  /** The oldest service of its host and namespace. */
  isFirst(service: Service): boolean;
}

/** In: all services, oldest first. */
export function crowdOf(services: readonly Service[]): Crowd {
  const withEndpoints = new Set<string>();
  const first = new Map<string, Service>();
  const key = ({ entry, host }: Service) => `${entry.namespace} ${host}`;
  for (const service of services) {
    if (!first.has(key(service))) first.set(key(service), service);
    const { resolution, endpoints } = service.entry;
    if (resolution === "NONE" || (endpoints.length === 0 && !resolution.startsWith("DNS"))) continue;
    for (const { port } of service.offers) withEndpoints.add(`${key(service)} ${port.number}`);
  }
  return {
    hasEndpoints: (service, port) => withEndpoints.has(`${key(service)} ${port}`),
    isFirst: (service) => first.get(key(service)) === service,
  };
}
