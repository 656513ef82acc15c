import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { OutboundMode } from "../../../lib/istio/in-force.ts";
import type { Flow, Routed } from "../../../lib/istio/route/flow.ts";
import { route } from "../../../lib/istio/route/route.ts";
import { parseAddress } from "../../../lib/words/address.ts";
import { table } from "./make.ts";

/**
 * What Istio made of manifests and connections of ours, one case a line: the real istiod code (istio.io/istio
 * v0.0.0-20260827124520-eed52ebb66ad) built the sidecar's configuration, and its pilot/pkg/simulation followed the connection through it.
 * A flow is [protocol, Host or SNI, address, port, verdict]; a verdict is `namespace port host` of the cluster met (`?` where the cluster
 * does not say its namespace, `none` where there is no such cluster), or passthrough, blocked, 404.
 */
interface Measured {
  mode: OutboundMode;
  dnsCapture: boolean;
  namespace: string;
  labels: Record<string, string>;
  objects: unknown[];
  flows: [protocol: Flow["protocol"], name: string, address: string, port: number, verdict: string][];
}

const file = new URL("./measured.jsonl", import.meta.url);
const measured = readFileSync(file, "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as Measured);

function said(routed: Routed, wanted: string): string {
  if (routed.to !== "entry") return routed.to;
  const end = `${routed.port.number} ${routed.host}`;
  if (routed.fault?.includes("404")) return "404";
  if (routed.fault?.includes("no cluster")) return `none ${end}`;
  return `${wanted.startsWith("?") ? "?" : routed.entry.namespace} ${end}`;
}

const judged = measured.flatMap(({ mode, dnsCapture, namespace, labels, objects, flows }) => {
  const of = table(objects, { outboundMode: mode, dnsCapture });
  return flows.map(([protocol, name, address, port, wanted]) => {
    const host = name === "" || parseAddress(name) !== null ? null : name;
    const sni = protocol === "tls" ? host : null;
    const flow: Flow = { source: { namespace, workload: "app", labels }, protocol, host, sni, address, port };
    const routed = route(flow, of);
    return { certain: routed.certain, said: said(routed, wanted), wanted, flow, objects };
  });
});

describe("what Istio itself does", () => {
  it("is what the model says wherever it is certain", () => {
    expect(judged.filter((one) => one.certain && one.said !== one.wanted)).toEqual([]);
  });

  it("is certain of most, of entries too", () => {
    const certain = judged.filter((one) => one.certain);
    expect(certain.length / judged.length).toBeGreaterThan(0.6);
    expect(certain.filter((one) => one.wanted.includes(" ")).length).toBeGreaterThan(100);
  });

  it("is what the model says in nearly all of the rest, DNS capture beside an address dialled left out", () => {
    const rest = judged.filter((one) => !one.certain && one.said !== one.wanted);
    expect(rest.length / judged.length).toBeLessThan(0.06);
  });
});
