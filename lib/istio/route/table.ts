/** Manifests in force made ready for many flows: sorted once, and indexed as flows ask for it. */
import type { InForce, MeshSettings } from "../in-force.ts";
import { crowdOf } from "./crowd.ts";
import { type NameIndex, nameIndex } from "./names.ts";
import { buildPortTable, type PortTable } from "./port-table.ts";
import { type RangeIndex, rangeIndex } from "./ranges.ts";
import { buildScope, type Scope } from "./scope.ts";
import { byAge, type Service, servicesOf } from "./service.ts";
import { viewsOf } from "./views.ts";
import { sidecarFor } from "./visibility.ts";

/** Made by `prepare`; the rest of it is for this folder. What it remembers are answers, so it never changes what it says. */
export interface RouteTable {
  readonly inForce: InForce;
  readonly settings: MeshSettings;
  /** Of every entry, whoever sees it. */
  readonly services: readonly Service[];
  readonly byHost: NameIndex<Service[]>;
  readonly byAddress: RangeIndex<Service[]>;
  scopeFor(namespace: string, labels: Readonly<Record<string, string>> | undefined): Scoped;
  portOf(scope: Scope, number: number): PortTable;
}

export interface Scoped {
  scope: Scope;
  doubts: readonly string[];
}

/**
 * Prepares the manifests in force for `route` and `covers`. Cheap: what a namespace sees and what a port's listeners are is worked out
 * when the first flow asks. In: what `readInForce` gave, and the mesh's settings. Throws nothing.
 */
export function prepare(inForce: InForce, settings: MeshSettings): RouteTable {
  const services = inForce.entries.flatMap((entry) => servicesOf(entry, settings)).sort(byAge);
  const index = indexes(services);
  const crowd = crowdOf(index.byHost);
  const views = viewsOf(services, crowd);
  const scopes = new Map<string, Scope>();
  const ports = new Map<Scope, Map<number, PortTable>>();
  const sidecars = Map.groupBy(inForce.sidecars, (one) => one.namespace);
  const ambient = new Set(inForce.namespaces.filter(isAmbient).map((one) => one.name));

  function scopeFor(namespace: string, labels: Readonly<Record<string, string>> | undefined): Scoped {
    const found = sidecarFor(sidecars.get(namespace) ?? [], sidecars.get(settings.rootNamespace) ?? [], labels);
    const key = views.keyFor(namespace, found.sidecar);
    const build = () => buildScope(namespace, found.sidecar, settings.outboundMode, views.of(namespace), crowd);
    const scope = scopes.get(key) ?? build();
    scopes.set(key, scope);
    return ambient.has(namespace)
      ? { scope, doubts: [...found.doubts, `namespace ${namespace} is ambient: ztunnel routes by other rules`] }
      : { scope, doubts: found.doubts };
  }

  function portOf(scope: Scope, number: number): PortTable {
    const known = ports.get(scope) ?? new Map<number, PortTable>();
    ports.set(scope, known);
    const port = known.get(number) ?? buildPortTable(scope, number, crowd);
    known.set(number, port);
    return port;
  }

  return { inForce, settings, services, ...index, scopeFor, portOf };
}

const isAmbient = ({ labels }: { labels: Readonly<Record<string, string>> }): boolean =>
  labels["istio.io/dataplane-mode"] === "ambient";

function indexes(services: readonly Service[]): Pick<RouteTable, "byHost" | "byAddress"> {
  const byHost = nameIndex<Service[]>();
  const byAddress = rangeIndex<Service[]>();
  for (const service of services) {
    const hosts = byHost.at(service.host);
    if (hosts === undefined) byHost.set(service.host, [service]);
    else hosts.push(service);
    for (const place of placesOf(service)) {
      const there = byAddress.at(place);
      if (there === undefined) byAddress.set(place, [service]);
      else there.push(service);
    }
  }
  return { byHost, byAddress };
}

function placesOf({ at }: Service): readonly string[] {
  if (at.kind === "anywhere") return [];
  return at.kind === "range" ? [at.range] : at.addresses;
}
