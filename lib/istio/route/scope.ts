/** What one sidecar sees: the services its egress listeners let in, and one namespace for each host. */
import type { EgressListener, OutboundMode, Sidecar } from "../in-force.ts";
import { type Cluster, clusterOf } from "./clusters.ts";
import type { Crowd } from "./crowd.ts";
import { nameOf } from "./flow.ts";
import { type Imported, importedBy } from "./imported.ts";
import type { Service } from "./service.ts";
import { everything, modeFor } from "./visibility.ts";

export interface Scope {
  sidecar: Sidecar | null;
  mode: OutboundMode;
  listeners: readonly Imported[];
  /** Is a service let in by some listener? */
  has(service: Service): boolean;
  /** Why a service that is exported to the workload is not let in. */
  whyNot(service: Service): string;
  /** The service that has its host instead; null where none has. */
  lostTo(service: Service): Service | null;
  /** What is not certain about a service's being let in; null where nothing is. */
  doubt(service: Service): string | null;
  /** What is behind a host. */
  clusterOf(host: string): Cluster | null;
}

/** Builds the scope of a workload of `namespace`; `visible` are the services exported to it, in Istio's order. */
export function buildScope(
  namespace: string,
  sidecar: Sidecar | null,
  mesh: OutboundMode,
  visible: readonly Service[],
  crowd: Crowd,
): Scope {
  const egress: readonly EgressListener[] =
    sidecar === null || sidecar.egress.length === 0 ? [everything] : sidecar.egress;
  const listeners = egress.map((listener) => importedBy(listener, namespace, visible, crowd));
  const clusters = new Map<string, Cluster | null>();
  const ofHost = (host: string) =>
    listeners.flatMap((one) => {
      const services = crowd.having(host).filter(one.has);
      return [...services.filter((service) => !service.isPublic), ...services.filter((service) => service.isPublic)];
    });
  return {
    sidecar,
    mode: modeFor(sidecar, mesh),
    listeners,
    has: (service) => listeners.some((one) => one.has(service)),
    whyNot: (service) => whyNot(service, listeners, sidecar),
    lostTo: (service) => first(listeners, (one) => one.lostTo.get(service))?.to ?? null,
    doubt: (service) => first(listeners, (one) => one.unsure.get(service)),
    clusterOf(host) {
      const known = clusters.get(host);
      if (known !== undefined) return known;
      const made = clusterOf(ofHost(host));
      clusters.set(host, made);
      return made;
    },
  };
}

function whyNot(service: Service, listeners: readonly Imported[], sidecar: Sidecar | null): string {
  const winner = first(listeners, (one) => one.lostTo.get(service));
  if (winner !== null) return `${nameOf(winner.to.entry)} has ${service.host} too, and ${winner.rule}`;
  return sidecar === null ? "it is not seen" : `Sidecar ${sidecar.namespace}/${sidecar.name} does not let it in`;
}

function first<T, R>(all: readonly T[], find: (one: T) => R | undefined): R | null {
  for (const one of all) {
    const found = find(one);
    if (found !== undefined) return found;
  }
  return null;
}
