/** Which workloads are egress gateways, as far as logs name them. Pure. */

import type { Source } from "../../model.ts";
import type { Gateway } from "../../words/gateway.ts";

export interface Gateways {
  /** A workload or an app, in a namespace where that is told. */
  is(who: Pick<Source, "namespace" | "workload">): boolean;
  /** Does a line name one anywhere? Cheap: asked of every line. */
  in(text: string): boolean;
}

/** What every chart and profile of Istio calls them. */
const usual = /egress-?gateway/i;

/** By Istio's usual names, and by those of the config's own gateway in its namespace. */
export function gatewaysOf(gateway: Gateway | null = null): Gateways {
  const names = new Set(gateway?.names ?? []);
  const quoted = [...names].map((name) => JSON.stringify(name).slice(1, -1));
  const isThere = (namespace: string) => namespace === gateway?.namespace || namespace === "unknown";
  return {
    is: ({ namespace, workload }) => usual.test(workload) || (names.has(workload) && isThere(namespace)),
    in: (text) => usual.test(text) || quoted.some((name) => text.includes(name)),
  };
}
