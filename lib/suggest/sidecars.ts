/** Sidecars in force: which of them would hide an entry from those that it is for. Pure. */
import type { Sidecar } from "../istio/in-force.ts";
import type { Finding, Suggestion } from "../model.ts";

/** Whose Sidecar without a selector is for all namespaces that have none of their own (meshConfig.rootNamespace). */
export const rootNamespace = "istio-system";

/** A finding whose suggested ServiceEntries say which Sidecar hides them from the caller. */
export function withSidecars(finding: Finding, sidecars: readonly Sidecar[]): Finding {
  const suggestions = finding.suggestions.map((one) => {
    const hidden = hiddenFrom(finding, one, sidecars);
    return hidden.length === 0 ? one : { ...one, warnings: [...one.warnings, ...hidden] };
  });
  return { ...finding, suggestions };
}

/** What to add to which Sidecar so that a finding's caller sees what is suggested. */
export function hiddenFrom({ source, destination }: Finding, { manifest }: Suggestion, sidecars: readonly Sidecar[]) {
  if ("items" in manifest || sidecars.length === 0) return [];
  const { metadata, spec } = manifest;
  const hosts = Array.isArray(spec.hosts) ? spec.hosts.map(String) : [];
  const own = destination.host ?? "";
  const [host = ""] = hosts.includes(own) ? [own] : hosts;
  return sidecarWarnings(host, metadata.namespace ?? "", source.namespace, sidecars);
}

/**
 * What to add to which Sidecar, so that an entry of `host` in the namespace `home` is seen by the workloads of `caller`. A line and
 * not a manifest: a Sidecar shows its workloads what it lists and hides the rest of the mesh, and of that nothing is known here. Throws
 * nothing.
 */
export function sidecarWarnings(host: string, home: string, caller: string, sidecars: readonly Sidecar[]): string[] {
  const own = sidecars.filter((one) => one.namespace === caller);
  const isDefault = (one: Sidecar) => one.namespace === rootNamespace && one.selector === null;
  const general = own.some((one) => one.selector === null) ? [] : sidecars.filter(isDefault);
  const all = new Set([...own, ...general]);
  const hiding = [...all].filter(
    ({ egress }) =>
      egress.length > 0 && !egress.some(({ hosts }) => hosts.some((one) => shows(one, host, home, caller))),
  );
  const line = `${home === caller ? "." : home}/${host}`;
  return hiding.map(({ namespace, name, selector }) => {
    const whom = selector === null ? "its workloads" : "the workloads it selects";
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
