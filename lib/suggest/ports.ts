/** Which protocol each port of an entry gets: one port number has one protocol, whatever was seen on it. */
import type { Protocol } from "../model.ts";
import type { Entry } from "./entry.ts";
import type { Evidence } from "./evidence.ts";

export type PortProtocol = "HTTP" | "HTTP2" | "GRPC" | "TLS" | "TCP";

export interface Port {
  number: number;
  /** Null: left out of the manifest, so that Istio looks at the first bytes. */
  protocol: PortProtocol | null;
  /** What was seen on it. */
  seen: ReadonlySet<Protocol>;
  /** What was seen on it and is not routed by `protocol`. */
  unrouted: ReadonlySet<Protocol>;
}

/**
 * The ports of an entry, in the order of the evidence, which is that of their numbers; throws nothing. Why a mix ends as it does is
 * said at each rule below. `http2` are ports that somebody who knows has called HTTP2: Istio counts it as HTTP, and HTTP/1.1 is what
 * a port called HTTP gets upstream.
 */
export function choosePorts(entry: Entry, evidence: readonly Evidence[], http2: ReadonlySet<number> = none): Port[] {
  const byNumber = new Map<number, Evidence[]>();
  for (const one of evidence) {
    const same = byNumber.get(one.port);
    if (same === undefined) byNumber.set(one.port, [one]);
    else same.push(one);
  }
  const choose = entry.address === null ? named : bare;
  return [...byNumber].map(([number, seen]) => {
    const port = choose(number, seen);
    return port.protocol === "HTTP" && http2.has(number) ? { ...port, protocol: "HTTP2" } : port;
  });
}

const none: ReadonlySet<number> = new Set();

/**
 * A port of a bare address. The entry has its address as VIP, so a port without a protocol gets a listener of its own on
 * `address:port` that sniffs: HTTP goes by route, all else by TCP, both to that address and nowhere else (istio
 * pilot/pkg/networking/core/listener.go, ListenerProtocolAuto; a protocol may be left out: validation.go). It routes any mix.
 */
function bare(number: number, evidence: readonly Evidence[]): Port {
  const seen = new Set(evidence.map((one) => one.protocol));
  const [only] = seen;
  return { number, protocol: seen.size === 1 && only !== undefined ? spelling[only] : null, seen, unrouted: new Set() };
}

/**
 * A port of a name. Without a VIP a port that sniffs would take all that is not HTTP on that number, for every host of the
 * world (istio sidecar_simulation_test.go), so a named port always has its protocol:
 * - Raw TCP beside HTTP or TLS: Istio counts as TCP all it did not look into, so the connections are most likely the same calls
 *   from before a listener was there (listener_builder.go: no TLS inspector on the catch-all). HTTP or TLS it is.
 * - HTTP beside gRPC: GRPC. HTTP would send gRPC upstream as HTTP/1.1, where it cannot work; GRPC sends both as HTTP/2, which
 *   this server speaks (cluster_builder.go setUpstreamProtocol). Warned of, since HTTP/1.1 calls then change version.
 * - Plain HTTP beside TLS: nothing routes both. The older one stays, so that one stray call does not change what works.
 */
function named(number: number, evidence: readonly Evidence[]): Port {
  const seen = new Set(evidence.map((one) => one.protocol));
  const isWeb = (protocol: Protocol): boolean => protocol === "http" || protocol === "grpc";
  const since = (wanted: (protocol: Protocol) => boolean): number =>
    Math.min(...evidence.filter((one) => wanted(one.protocol)).map((one) => one.firstSeen));
  const web = since(isWeb);
  const tls = since((protocol) => protocol === "tls");
  if (web === Number.POSITIVE_INFINITY && tls === web) return { number, protocol: "TCP", seen, unrouted: new Set() };
  if (tls <= web) return { number, protocol: "TLS", seen, unrouted: new Set([...seen].filter(isWeb)) };
  const unrouted = new Set([...seen].filter((protocol) => protocol === "tls"));
  return { number, protocol: seen.has("grpc") ? "GRPC" : "HTTP", seen, unrouted };
}

const spelling: Record<Protocol, PortProtocol> = { http: "HTTP", grpc: "GRPC", tls: "TLS", tcp: "TCP" };
