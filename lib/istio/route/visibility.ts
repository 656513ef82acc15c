/** The Sidecar that is in force for a workload, and what it lets in. */
import type { EgressListener, OutboundMode, Sidecar } from "../in-force.ts";
import { isNameCovered } from "./names.ts";
import type { Service } from "./service.ts";

/** The Sidecar for a workload, and what is not known about that. */
export interface InForceFor {
  sidecar: Sidecar | null;
  doubts: readonly string[];
}

/**
 * The Sidecar for a workload: of those in its namespace the oldest whose selector fits, else the oldest without selector, else that of the
 * root namespace without selector (model/push_context.go doGetSidecarScope, initSidecarScopes).
 */
export function sidecarFor(
  own: readonly Sidecar[],
  root: readonly Sidecar[],
  labels: Readonly<Record<string, string>> | undefined,
): InForceFor {
  const selecting = own.filter((one) => one.selector !== null);
  const doubts: string[] = [];
  const fits = ({ selector }: Sidecar) =>
    Object.entries(selector ?? {}).every(([name, value]) => labels?.[name] === value);
  const chosen = oldest(selecting.filter(fits), doubts);
  if (labels === undefined && chosen === null && selecting.length > 0) {
    const names = selecting.map((one) => `${one.namespace}/${one.name}`).join(", ");
    doubts.push(`whether Sidecar ${names} selects the workload is told by its labels, which are not known`);
  }
  const everyone = (all: readonly Sidecar[]) =>
    oldest(
      all.filter((one) => one.selector === null),
      doubts,
    );
  return { sidecar: chosen ?? everyone(own) ?? everyone(root), doubts };
}

function oldest(all: readonly Sidecar[], doubts: string[]): Sidecar | null {
  const [first, ...rest] = [...all].sort(
    (a, b) => (a.created ?? 0) - (b.created ?? 0) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  );
  if (first === undefined) return null;
  if (rest.length > 0 && [first, ...rest].some((one) => one.created === null)) {
    doubts.push(`which Sidecar of ${first.namespace} is the oldest, hence in force, the manifests do not say`);
  }
  return first;
}

/** What a sidecar does with what nothing matches: the Sidecar's word, else the mesh's. */
export const modeFor = (sidecar: Sidecar | null, mesh: OutboundMode): OutboundMode => sidecar?.outboundMode ?? mesh;

/** Everything: what there is without a Sidecar, or with one that lists no egress (model/sidecar.go). */
export const everything: EgressListener = { hosts: ["*/*"], port: null, local: false };

/**
 * Which services an egress listener lets in for a workload of a namespace: `namespace/host`, `./host`, `*` for any, `~` for none, and
 * `~namespace/host` for all but these (model/sidecar.go selectServices). A listener with a port wants that port.
 */
export function importer(listener: EgressListener, namespace: string): (service: Service) => boolean {
  const rules = listener.hosts.flatMap((text) => {
    const [place = "", pattern = ""] = text.split("/");
    const excluded = place.startsWith("~");
    const from = (excluded ? place.slice(1) : place) || "*";
    return [{ excluded, from: from === "." ? namespace : from, pattern }];
  });
  const touches = (service: Service, excluded: boolean) =>
    rules.some(
      (rule) =>
        rule.excluded === excluded &&
        (rule.from === "*" || rule.from === service.entry.namespace) &&
        isNameCovered(service.host, rule.pattern),
    );
  return (service) => touches(service, false) && !touches(service, true);
}

/** All hosts are exact, and of namespaces that are named. */
export const isExact = (listener: EgressListener): boolean =>
  listener.hosts.every((host) => host.startsWith("~") || (!host.startsWith("*/") && !/\/\*/.test(host)));
