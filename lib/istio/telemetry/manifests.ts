/** Istio's Telemetry resources that make proxies tell where egress goes, and what must be true for them. Pure. */
import type { Manifest } from "../../model.ts";
import { versionAtLeast } from "../route/version.ts";
import type { Addition } from "./additions.ts";
import { atGateway, canGuard, catchAllLogs, onCatchAlls } from "./expressions.ts";

export interface TelemetryOrder {
  /** `1.30` */
  istio: string;
  additions: ReadonlySet<Addition>;
  /** What to call the labels. */
  names: { address: string; sni: string };
  /** The mesh's root namespace. */
  namespace: string;
  /** Where the egress gateway runs; null for none. */
  gateway: { namespace: string; selector: Readonly<Record<string, string>> } | null;
  /** Also write access logs, of catch-all traffic alone. */
  logs: boolean;
  /** Also declare the labels to the proxies, as those up to 1.17 need it, and any that write them into the metric's name. */
  declare: boolean;
}

/** A manifest and what to know of it, a line each. */
export interface Annotated {
  manifest: Manifest;
  about: string[];
}

export interface TelemetryManifests {
  documents: Annotated[];
  /** The access logs as they would stand in the first manifest's spec, where they do not. */
  logs: Record<string, unknown> | null;
  /** What the mesh config needs besides; null where it needs nothing. */
  meshConfig: Record<string, unknown> | null;
}

type TagOverrides = Record<string, { value: string }>;

/** The manifests for an order: one for the mesh, and one for the gateway where it is wanted. */
export function telemetryManifests(order: TelemetryOrder): TelemetryManifests {
  const { istio, names, gateway, declare } = order;
  const labels = [
    ...(order.additions.has("address") || order.additions.has("http-address") ? [names.address] : []),
    ...(order.additions.has("sni") ? [names.sni] : []),
  ];
  const logging = canGuard(istio) ? accessLogging(istio) : null;
  const tcp = order.additions.has("address") || order.additions.has("sni");
  return {
    documents: [forMesh(order, logging), ...(gateway !== null && tcp ? [forGateway(order, gateway)] : [])],
    logs: order.logs ? null : logging,
    meshConfig: declare || !hasNativeTags(istio) ? { defaultConfig: { extraStatTags: labels } } : null,
  };
}

/** Since 1.18 the proxy writes labels by itself (istio #44154); before that, what is not declared becomes a part of the metric's name. */
const hasNativeTags = (istio: string): boolean => versionAtLeast(istio, 1, 18) === true;

/** v1 is served since 1.22 (istio/api, CRDs of release-1.22). */
const apiVersion = (istio: string): string =>
  `telemetry.istio.io/${versionAtLeast(istio, 1, 22) === true ? "v1" : "v1alpha1"}`;

function forMesh(order: TelemetryOrder, logging: Record<string, unknown> | null): Annotated {
  const { istio, names, namespace } = order;
  const tcp: TagOverrides = {
    ...(order.additions.has("address") ? { [names.address]: { value: onCatchAlls("tcp", "address", istio) } } : {}),
    ...(order.additions.has("sni") ? { [names.sni]: { value: onCatchAlls("tcp", "sni", istio) } } : {}),
  };
  const http: TagOverrides = order.additions.has("http-address")
    ? { [names.address]: { value: onCatchAlls("http", "address", istio) } }
    : {};
  const metrics = { metrics: [{ providers: [{ name: "prometheus" }], overrides: overrides(tcp, http) }] };
  return {
    manifest: {
      apiVersion: apiVersion(istio),
      kind: "Telemetry",
      metadata: { name: "egress-scout", namespace },
      spec: { ...metrics, ...(order.logs && logging !== null ? logging : {}) },
    },
    about: aboutMesh(order),
  };
}

function forGateway(order: TelemetryOrder, gateway: NonNullable<TelemetryOrder["gateway"]>): Annotated {
  const { istio, names } = order;
  const tcp: TagOverrides = {
    ...(order.additions.has("address") ? { [names.address]: { value: atGateway.address } } : {}),
    ...(order.additions.has("sni") ? { [names.sni]: { value: atGateway.sni } } : {}),
  };
  return {
    manifest: {
      apiVersion: apiVersion(istio),
      kind: "Telemetry",
      metadata: { name: "egress-scout-gateway", namespace: gateway.namespace },
      spec: {
        selector: { matchLabels: { ...gateway.selector } },
        metrics: [{ providers: [{ name: "prometheus" }], overrides: overrides(tcp, {}) }],
      },
    },
    about: aboutGateway(),
  };
}

/** An opened connection shows long-lived ones at once, a closed one blocked and short ones (reference: istio_stats.cc, reportHelper). */
function overrides(tcp: TagOverrides, http: TagOverrides) {
  const each = [
    ["TCP_OPENED_CONNECTIONS", tcp],
    ["TCP_CLOSED_CONNECTIONS", tcp],
    ["REQUEST_COUNT", http],
  ] as const;
  return each
    .filter(([, tags]) => Object.keys(tags).length > 0)
    .map(([metric, tags]) => ({ match: { metric, mode: "CLIENT" }, tagOverrides: { ...tags } }));
}

const accessLogging = (istio: string) => ({
  accessLogging: [
    { providers: [{ name: "envoy" }], match: { mode: "CLIENT" }, filter: { expression: catchAllLogs(istio) } },
  ],
});

function aboutMesh({ istio, additions: added, names, namespace, logs }: TelemetryOrder): string[] {
  const guarded = canGuard(istio);
  const where = guarded ? "on PassthroughCluster and BlackHoleCluster alone" : "on ALL outbound traffic";
  return [
    `For Istio ${istio}: labels that tell where egress goes, ${where}.`,
    ...(added.has("address") ? [`  ${names.address}, TCP and TLS: the ip:port that was dialled.`] : []),
    ...(added.has("http-address")
      ? [`  ${names.address}, HTTP: the same, to check the Host header that the workload wrote.`]
      : []),
    ...(added.has("sni")
      ? [
          `  ${names.sni}, TLS: filled in on ports where the sidecar has a TLS inspector, that is where`,
          "    a TLS ServiceEntry of that port is visible to the workload. Elsewhere it is empty, and costs nothing.",
        ]
      : []),
    "What must be true:",
    `  ${namespace} is the mesh's root namespace, and has no other Telemetry without a selector: Istio honours the oldest`,
    `    alone (kubectl get telemetry -n ${namespace}). Where it has one, add the overrides to that one's spec.metrics.`,
    "  The mesh's metrics provider is called prometheus. A Telemetry of a namespace or workload that names providers of its",
    "    own under spec.metrics replaces this one there.",
    ...(hasNativeTags(istio)
      ? ["No restart is needed. Counters of before stay as they are until their pods are gone."]
      : []),
    ...(guarded
      ? []
      : [
          `Istio ${istio} is not known to evaluate xds.cluster_name (1.16.2 does): the labels stand on in-mesh series too, one more`,
          "    series for each pod and address. Try it in one namespace first, and count: egress-scout telemetry --estimate.",
        ]),
    ...(logs && guarded
      ? [
          "spec.accessLogging logs egress alone, to the sidecar's stdout. It replaces what the mesh config logs: where all traffic",
          "    is logged today (meshConfig.accessLogFile), no more than egress will be.",
        ]
      : []),
  ];
}

function aboutGateway(): string[] {
  return [
    "At the egress gateway. What it forwards goes to ServiceEntries and not to a catch-all, so the labels above are empty",
    "there: to watch SNI at the gateway they have to be on all that it sends on. The address is the one it connects to,",
    "since the one dialled is its own. Here source_workload is the gateway: who called it, its access log alone tells. With",
    "ISTIO_MUTUAL to the gateway the SNI is Istio's own (outbound_.443_._.HOST), and tells nothing that the host does not.",
    "What must be true: the gateway's pods have these labels, and no other Telemetry of the namespace selects them.",
  ];
}
