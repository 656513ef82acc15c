/** Sidecars in force: which of them would hide an entry from those that it is for. Pure. */
import type { Finding } from "../model.ts";

/** A Sidecar in force: what its workloads are shown. */
export interface SidecarInForce {
  namespace: string;
  name: string;
  /** It has a workloadSelector: it is for some of the namespace's workloads. */
  isForSome: boolean;
  /** `namespace/host` of all its egress listeners; null where it has none, and shows what there is. */
  egressHosts: readonly string[] | null;
}

/** Whose Sidecar without a selector is for all namespaces that have none of their own (meshConfig.rootNamespace). */
const rootNamespace = "istio-system";

/** A finding whose suggested ServiceEntries say which Sidecar hides them from the caller. */
export function withSidecars(finding: Finding, sidecars: readonly SidecarInForce[]): Finding {
  const suggestions = finding.suggestions.map((one) => {
    if ("items" in one.manifest) return one;
    const { metadata, spec } = one.manifest;
    const hosts = Array.isArray(spec.hosts) ? spec.hosts.map(String) : [];
    const own = finding.destination.host ?? "";
    const [host = ""] = hosts.includes(own) ? [own] : hosts;
    const hidden = sidecarWarnings(host, metadata.namespace ?? "", finding.source.namespace, sidecars);
    return { ...one, warnings: [...one.warnings, ...hidden] };
  });
  return { ...finding, suggestions };
}

/**
 * What to add to which Sidecar, so that an entry of `host` in the namespace `home` is seen by the workloads of `caller`. A line and
 * not a manifest: a Sidecar shows its workloads what it lists and hides the rest of the mesh, and of that nothing is known here. Throws
 * nothing.
 */
export function sidecarWarnings(
  host: string,
  home: string,
  caller: string,
  sidecars: readonly SidecarInForce[],
): string[] {
  const own = sidecars.filter((one) => one.namespace === caller);
  const isDefault = (one: SidecarInForce) => one.namespace === rootNamespace && !one.isForSome;
  const general = own.some((one) => !one.isForSome) ? [] : sidecars.filter(isDefault);
  const all = new Set([...own, ...general]);
  const hiding = [...all].filter(
    ({ egressHosts }) => !(egressHosts?.some((one) => shows(one, host, home, caller)) ?? true),
  );
  const line = `${home === caller ? "." : home}/${host}`;
  return hiding.map(({ namespace, name, isForSome }) => {
    const whom = isForSome ? "the workloads it selects" : "its workloads";
    return `The Sidecar ${namespace}/${name} hides this entry from ${whom}: add "${line}" to its egress hosts.`;
  });
}

/** Does `namespace/host` of a Sidecar take in the entry (istio pilot/pkg/model/sidecar.go)? */
function shows(listed: string, host: string, home: string, caller: string): boolean {
  const slash = listed.indexOf("/");
  const [namespace, pattern] = slash === -1 ? ["*", listed] : [listed.slice(0, slash), listed.slice(slash + 1)];
  const isThere = namespace === "*" || namespace === home || (namespace === "." && home === caller);
  const isMatch = pattern === "*" || pattern === host || (pattern.startsWith("*.") && host.endsWith(pattern.slice(1)));
  return isThere && isMatch;
}
