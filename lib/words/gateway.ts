/** The egress gateway, as far as metrics tell it from other workloads. Pure. */
import type { Source } from "../model.ts";

/** The gateway's pods by the workloads, and the Services, that Istio's installations make of them. */
export interface Gateway {
  namespace: string;
  /** Names of its workload, and of its Service: those that fit the labels. */
  names: readonly string[];
}

/**
 * What the pods with these labels are called: Istio's Helm chart labels a Deployment and a Service NAME with `app: NAME` and
 * `istio: NAME without istio-` (istio manifests/charts/gateway/templates/_helpers.tpl). Other labels say nothing: then it is Istio's usual name.
 */
export function gatewayOf({
  namespace,
  selector,
  service,
}: {
  namespace: string;
  selector: Readonly<Record<string, string>>;
  /** The name of its Service, where that is another one than the chart makes. */
  service?: string | undefined;
}): Gateway {
  const { app, istio } = selector;
  const names = [app, ...(istio === undefined ? [] : [istio.startsWith("istio-") ? istio : `istio-${istio}`, istio])];
  const told = [...new Set(names)].filter((name): name is string => name !== undefined && name !== "");
  const usual = told.length === 0 ? ["istio-egressgateway"] : told;
  return { namespace, names: service === undefined ? usual : [...new Set([service, ...usual])] };
}

/** Is the caller the egress gateway itself? */
export function isGateway({ namespace, workload }: Pick<Source, "namespace" | "workload">, gateway?: Gateway | null) {
  return gateway != null && namespace === gateway.namespace && gateway.names.includes(workload);
}

/** The host and port in an outer SNI, which Istio writes around a call to another proxy; null where the text is none. */
export function outerSni(text: string): { host: string; port: number } | null {
  const [, port, host] = /^(?:invalid:)?outbound_\.(\d{1,5})_\.[^.]*_\.(.+)$/s.exec(text) ?? [];
  return port === undefined || host === undefined ? null : { host, port: Number(port) };
}

/** Is the SNI one of Istio's own? */
export const isOuterSni = (text: string): boolean => text.startsWith("outbound_.") || text.startsWith("invalid:");
