/** Manifests, flows and tables for the tests of routing; one line each. */
import { type MeshSettings, readInForce } from "../../../lib/istio/in-force.ts";
import { isCovered } from "../../../lib/istio/route/covered.ts";
import type { Flow, Routed } from "../../../lib/istio/route/flow.ts";
import { route } from "../../../lib/istio/route/route.ts";
import { prepare, type RouteTable } from "../../../lib/istio/route/table.ts";

export type KubeObject = Record<string, unknown>;

export interface EntrySpec {
  addresses?: string[];
  resolution?: string;
  exportTo?: string[];
  endpoints?: { address: string }[];
  workloadSelector?: KubeObject;
  location?: string;
}

export interface EntryHead {
  /** The day of 2026 it was created on; null leaves it out. */
  day?: number | null;
  labels?: Record<string, string>;
  vips?: Record<string, string>;
}

/** `entry("payments/api", "api.example.com", "443 TLS")`: hosts and ports separated by commas; a port may lack its protocol. */
export function entry(
  name: string,
  hosts: string,
  ports: string,
  spec: EntrySpec = {},
  head: EntryHead = {},
): KubeObject {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "ServiceEntry",
    metadata: metadata(name, head),
    spec: {
      hosts: hosts.split(", "),
      ports: ports.split(", ").map((text) => {
        const [number = "", protocol] = text.split(" ");
        return { number: Number(number), name: `p${number}`, ...(protocol === undefined ? {} : { protocol }) };
      }),
      resolution: "DNS",
      location: "MESH_EXTERNAL",
      ...spec,
    },
    ...(head.vips === undefined
      ? {}
      : { status: { addresses: Object.entries(head.vips).map(([host, value]) => ({ host, value })) } }),
  };
}

/** A Sidecar: what it lets in, one string for each egress listener, hosts separated by commas. */
export function sidecar(
  name: string,
  egress: (string | KubeObject)[],
  spec: KubeObject = {},
  head: EntryHead = {},
): KubeObject {
  const listeners = egress.map((one) => (typeof one === "string" ? { hosts: one.split(", ") } : one));
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "Sidecar",
    metadata: metadata(name, head),
    spec: { ...(listeners.length === 0 ? {} : { egress: listeners }), ...spec },
  };
}

export const namespace = (name: string, labels: Record<string, string>): KubeObject => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, labels },
});

function metadata(name: string, { day = 1, labels }: EntryHead): KubeObject {
  const [of, ...rest] = name.split("/");
  return {
    namespace: of,
    name: rest.join("/"),
    ...(labels === undefined ? {} : { labels }),
    ...(day === null ? {} : { creationTimestamp: new Date(Date.UTC(2026, 0, day)).toISOString().replace(".000", "") }),
  };
}

const checkout = { namespace: "payments", workload: "checkout", labels: {} };
const flow = (change: Partial<Flow>): Flow => ({
  source: checkout,
  protocol: "tcp",
  host: null,
  sni: null,
  address: "192.0.2.1",
  port: 443,
  ...change,
});

/** Each dials 192.0.2.1 from payments/checkout unless it says otherwise. */
export const http = (host: string | null, port = 80, change: Partial<Flow> = {}): Flow =>
  flow({ protocol: "http", host, port, ...change });
export const tls = (sni: string | null, port = 443, change: Partial<Flow> = {}): Flow =>
  flow({ protocol: "tls", host: sni, sni, port, ...change });
export const tcp = (address: string | null, port = 5432, change: Partial<Flow> = {}): Flow =>
  flow({ address, port, ...change });
export const from = (of: string, labels?: Record<string, string>): Partial<Flow> => {
  const [in_ = "", workload = "app"] = of.split("/");
  return { source: { namespace: in_, workload, ...(labels === undefined ? {} : { labels }) } };
};

export const settings = (change: Partial<MeshSettings> = {}): MeshSettings => ({
  outboundMode: "ALLOW_ANY",
  dnsCapture: false,
  rootNamespace: "istio-system",
  istio: "1.31",
  ...change,
});

export const table = (objects: readonly unknown[], change: Partial<MeshSettings> = {}): RouteTable =>
  prepare(readInForce(objects), settings(change));

/**
 * Where a flow goes in one word: `payments/api`, `passthrough` or `blocked`; before it `?` where that is not certain, `!` where nothing
 * answers there, and `~` where it is another place than was meant.
 */
export function verdict(one: Flow, routed: Routed): string {
  const doubt = routed.certain ? "" : "?";
  if (routed.to !== "entry") return `${doubt}${routed.to}`;
  const fault = routed.fault !== null ? "!" : isCovered(one, routed) ? "" : "~";
  return `${doubt}${fault}${routed.entry.namespace}/${routed.entry.name}`;
}

export const verdictOf = (one: Flow, of: RouteTable): string => verdict(one, route(one, of));

/** What a rule makes of some flows. Every case was put to Istio itself as well: see measured.jsonl. */
export interface RouteCase {
  name: string;
  objects: readonly KubeObject[];
  settings?: Partial<MeshSettings>;
  flows: readonly (readonly [Flow, string])[];
}
