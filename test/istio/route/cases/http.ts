/** HTTP: told apart by Host, on the listener of its port. */
import { entry, from, http, type RouteCase, tls } from "../make.ts";

export const httpCases: RouteCase[] = [
  {
    name: "by Host and port",
    objects: [entry("payments/api", "api.example.com", "80 HTTP")],
    flows: [
      [http("api.example.com"), "payments/api"],
      [http("api.example.com", 80, { protocol: "grpc" }), "payments/api"],
      [http("api.example.com", 80, { address: null }), "payments/api"],
      [http("api.example.com", 8080), "passthrough"],
      [http("www.example.com"), "passthrough"],
      [http("example.com"), "passthrough"],
      [http("v1.api.example.com"), "passthrough"],
      [http(null), "passthrough"],
    ],
  },
  {
    name: "HTTP2, gRPC and HTTP are one",
    objects: [
      entry("payments/a", "a.example.com", "80 HTTP2"),
      entry("payments/b", "b.example.com", "80 GRPC"),
      entry("payments/c", "c.example.com", "80 grpc-web"),
    ],
    flows: [
      [http("a.example.com"), "payments/a"],
      [http("b.example.com"), "payments/b"],
      [http("c.example.com", 80, { protocol: "grpc" }), "payments/c"],
    ],
  },
  {
    name: "the exact host before wildcards, the longest wildcard before others",
    objects: [
      entry("payments/all", "*.example.com", "80 HTTP", { resolution: "NONE" }),
      entry("payments/eu", "*.eu.example.com", "80 HTTP", { resolution: "NONE" }),
      entry("payments/api", "api.eu.example.com", "80 HTTP"),
    ],
    flows: [
      [http("api.eu.example.com"), "payments/api"],
      [http("www.eu.example.com"), "payments/eu"],
      [http("a.b.eu.example.com"), "payments/eu"],
      [http("eu.example.com"), "payments/all"],
      [http("example.com"), "passthrough"],
      [http("example.com.evil.net"), "passthrough"],
      [http("notexample.com"), "passthrough"],
    ],
  },
  {
    name: "a Host that is an address is found by the entry's address",
    objects: [
      entry("payments/ip", "ip.egress.internal", "8080 HTTP", {
        addresses: ["203.0.113.7"],
        resolution: "STATIC",
        endpoints: [{ address: "203.0.113.7" }],
      }),
    ],
    flows: [
      [http(null, 8080, { address: "203.0.113.7" }), "payments/ip"],
      [http(null, 8080, { address: "203.0.113.8" }), "passthrough"],
      [http("ip.egress.internal", 8080), "payments/ip"],
      [http("api.example.com", 8080, { address: "203.0.113.7" }), "passthrough"],
    ],
  },
  {
    name: "of several addresses, chance makes one a Host",
    objects: [
      entry("payments/ip", "ip.egress.internal", "8080 HTTP", {
        addresses: ["203.0.113.7", "203.0.113.8"],
        resolution: "STATIC",
        endpoints: [{ address: "203.0.113.7" }],
      }),
    ],
    flows: [[http(null, 8080, { address: "203.0.113.7" }), "?payments/ip"]],
  },
  {
    name: "TLS to a port that speaks HTTP, and HTTP to one that speaks TLS, find nothing",
    objects: [
      entry("payments/plain", "api.example.com", "443 HTTP"),
      entry("payments/tls", "www.example.com", "8443 TLS"),
    ],
    flows: [
      [tls("api.example.com"), "passthrough"],
      [http("api.example.com", 443), "payments/plain"],
      [http("www.example.com", 8443), "passthrough"],
      [tls("www.example.com", 8443), "payments/tls"],
    ],
  },
  {
    name: "the sidecar's own ports",
    objects: [entry("payments/api", "api.example.com", "80 HTTP, 15021 HTTP")],
    flows: [
      [http("api.example.com", 15001), "blocked"],
      [http("api.example.com", 15006), "blocked"],
      [http("api.example.com", 15021), "passthrough"],
    ],
  },
  {
    name: "REGISTRY_ONLY answers 502, and a Sidecar may say otherwise",
    settings: { outboundMode: "REGISTRY_ONLY" },
    objects: [
      entry("payments/api", "api.example.com", "80 HTTP"),
      {
        apiVersion: "networking.istio.io/v1",
        kind: "Sidecar",
        metadata: { namespace: "shop", name: "open", creationTimestamp: "2026-01-01T00:00:00Z" },
        spec: { outboundTrafficPolicy: { mode: "ALLOW_ANY" } },
      },
    ],
    flows: [
      [http("api.example.com"), "payments/api"],
      [http("www.example.com"), "blocked"],
      [http("www.example.com", 8080), "blocked"],
      [http("www.example.com", 80, from("shop", {})), "passthrough"],
      [http("api.example.com", 80, from("shop", {})), "payments/api"],
    ],
  },
  {
    name: "ALLOW_ANY_DYNAMIC_DNS lets HTTP through to where the Host resolves",
    settings: { outboundMode: "ALLOW_ANY_DYNAMIC_DNS" },
    objects: [entry("payments/api", "api.example.com", "80 HTTP")],
    flows: [
      [http("www.example.com"), "passthrough"],
      [http("www.example.com", 8080), "passthrough"],
      [tls("www.example.com"), "passthrough"],
      [http("api.example.com"), "payments/api"],
    ],
  },
];
