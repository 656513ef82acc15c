/** Which services a namespace is shown, and which namespaces see the same. */
import type { Sidecar } from "../in-force.ts";
import type { Crowd } from "./crowd.ts";
import { exportedTo } from "./export-to.ts";
import type { Service } from "./service.ts";

export interface Views {
  /** In Istio's order. */
  of(namespace: string): readonly Service[];
  /** Namespaces with one key see the same with that Sidecar: there may be thousands of which nothing is said. */
  keyFor(namespace: string, sidecar: Sidecar | null): string;
}

/** Entries for chosen namespaces first, then those for all, each by age (model/push_context.go servicesExportedToNamespace). */
export function viewsOf(services: readonly Service[], crowd: Crowd): Views {
  const open = services.filter((service) => service.isPublic);
  const closed = new Map<string, Service[]>();
  const owners = new Set<string>();
  const rivals = new Set<string>();
  for (const service of services) {
    const { entry, host } = service;
    owners.add(entry.namespace);
    if (crowd.having(host).length > 1) rivals.add(entry.namespace);
    const to = exportedTo(entry);
    for (const namespace of to === "all" ? [] : to) {
      const known = closed.get(namespace);
      if (known === undefined) closed.set(namespace, [service]);
      else known.push(service);
    }
  }
  return {
    of: (namespace) => [...(closed.get(namespace) ?? []), ...open],
    keyFor(namespace, sidecar) {
      const isOwn = closed.has(namespace) || rivals.has(namespace) || (sidecar !== null && owners.has(namespace));
      return JSON.stringify([isOwn ? namespace : null, sidecar?.namespace, sidecar?.name]);
    },
  };
}
