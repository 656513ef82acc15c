/** The columns of Envoy's access log → a call to the outside, or none. Pure. */
import type { Passage } from "../../model.ts";
import { meantAtGateway } from "../destination.ts";
import { type Hints, type Reading, toldTime } from "./told.ts";

/** Envoy's command operators that matter here, each null where the log says nothing. */
export interface Columns {
  start: string | null;
  /** Milliseconds. */
  duration: string | null;
  protocol: string | null;
  authority: string | null;
  flags: string | null;
  details: string | null;
  termination: string | null;
  upstreamHost: string | null;
  cluster: string | null;
  local: string | null;
  sni: string | null;
  route: string | null;
  grpc: boolean;
  hints: Hints;
}

/** istio pilot/pkg/networking/util: clusters and routes of what no service of the mesh answers to. */
const allowed: ReadonlySet<string | null> = new Set(["PassthroughCluster", "AllowAnyDynamicDNSCluster"]);
const allowedRoutes: ReadonlySet<string | null> = new Set(["allow_any", "allow_any_dynamic_dns"]);
/** Virtual inbound: what lands in its black hole came from outside the pod. */
const inboundPort = /:15006$/;

/** @param isGateway an egress gateway wrote it */
export function readEnvoy(columns: Columns, isGateway: boolean): Reading {
  const verdict = passageOf(columns);
  if (verdict !== null) {
    return inboundPort.test(columns.local ?? "") ? "other" : call(columns, verdict, columns.local, columns.sni);
  }
  if (!isGateway || columns.sni === null || columns.cluster?.startsWith("inbound") === true) return "other";
  const meant = meantAtGateway(columns.sni);
  // Within the mesh the gateway is itself what the outer SNI names: then only a Host tells where to.
  if (meant === null && columns.authority === null) return "other";
  // Its own address is where the gateway listens; the far end is whom it called.
  const read = call(columns, isRefused(columns) ? "blocked" : "allowed", columns.upstreamHost, meant?.name ?? null);
  if (typeof read === "string" || read.port !== null || meant === null || meant.port === null) return read;
  return { ...read, port: String(meant.port) };
}

function passageOf({ cluster, route, flags }: Columns): Passage | null {
  if (allowed.has(cluster) || allowedRoutes.has(route)) return "allowed";
  if (cluster === "BlackHoleCluster" || route === "block_all") return "blocked";
  // istio issue 33281: until 1.9 no cluster was logged where the black hole took it.
  return cluster === null && route === null && flags?.split(",").includes("UH") === true ? "blocked" : null;
}

/** By an AuthorizationPolicy, or since no filter chain or route takes it. */
function isRefused({ details, termination, flags }: Columns): boolean {
  const said = `${details ?? ""} ${termination ?? ""}`;
  return said.includes("rbac_access_denied") || /(^|,)(NR|UH|NC)(,|$)/.test(flags ?? "");
}

/** `ip:port`, IPv6 in brackets. A gateway's upstream may be a name or a socket's path. */
const isPlace = (text: string): boolean => /^(?:[\d.]{7,15}|\[[\da-fA-F:.]{2,45}\]):\d{1,5}$/.test(text);

function call(columns: Columns, verdict: Passage, far: string | null, sni: string | null): Reading {
  const { start, duration, authority, grpc, hints, cluster, route } = columns;
  const dialled = far !== null && isPlace(far) ? far : null;
  const isHttp = authority !== null || columns.protocol?.startsWith("HTTP") === true;
  if (!isHttp && dialled === null && sni === null) return "broken";
  const began = toldTime(start);
  const took = Math.max(Number(duration) || 0, 0);
  return {
    began,
    at: began === null ? null : began + took,
    event: "close",
    verdict,
    dynamic: cluster === "AllowAnyDynamicDNSCluster" || route === "allow_any_dynamic_dns",
    http: isHttp ? (grpc ? "grpc" : "http") : null,
    authority,
    dialled,
    port: /^outbound\|(\d{1,5})\|/.exec(cluster ?? "")?.[1] ?? null,
    sni,
    hints,
  };
}

/** No hints: the default formats have no column of the workload. */
export const noHints: Hints = { namespace: null, workload: null, pod: null, principal: null, app: null };
