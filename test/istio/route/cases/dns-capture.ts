/** Addresses that Istio gives to hosts, which count where the sidecar answers DNS questions. */
import { entry, http, type RouteCase, tcp, tls } from "../make.ts";

const vips = { "api.example.com": "240.240.0.5" };
const on = { dnsCapture: true };

export const dnsCaptureCases: RouteCase[] = [
  {
    name: "off: they count for nothing",
    objects: [entry("payments/api", "api.example.com", "443 TLS", {}, { vips })],
    flows: [
      [tls("api.example.com"), "payments/api"],
      [tls("www.example.com", 443, { address: "240.240.0.5" }), "?passthrough"],
    ],
  },
  {
    name: "on: TLS is told by them, and no more by SNI alone",
    settings: on,
    objects: [entry("payments/api", "api.example.com", "443 TLS", {}, { vips })],
    flows: [
      [tls("api.example.com", 443, { address: "240.240.0.5" }), "payments/api"],
      [tls("www.example.com", 443, { address: "240.240.0.5" }), "payments/api"],
      [tls("www.example.com"), "passthrough"],
      [tls("api.example.com", 8443, { address: "240.240.0.5" }), "passthrough"],
    ],
  },
  {
    name: "on: TCP to a name, and two of them on one port",
    settings: on,
    objects: [
      entry("payments/a", "a.example.com", "5432 TCP", {}, { vips: { "a.example.com": "240.240.0.5" } }),
      entry("payments/b", "b.example.com", "5432 TCP", {}, { vips: { "b.example.com": "240.240.0.6" } }),
    ],
    flows: [
      [tcp("240.240.0.5"), "payments/a"],
      [tcp("240.240.0.6"), "payments/b"],
      [tcp("203.0.113.7"), "passthrough"],
    ],
  },
  {
    name: "on: HTTP stays told by Host",
    settings: on,
    objects: [entry("payments/api", "api.example.com", "80 HTTP", {}, { vips })],
    flows: [
      [http("api.example.com", 80, { address: "240.240.0.5" }), "payments/api"],
      [http("api.example.com"), "payments/api"],
      [http("www.example.com", 80, { address: "240.240.0.5" }), "passthrough"],
      [http("www.example.com", 80, { address: "240.240.0.99" }), "?passthrough"],
    ],
  },
  {
    name: "on: NONE gets no address",
    settings: on,
    objects: [entry("payments/api", "api.example.com", "443 TLS", { resolution: "NONE" }, { vips })],
    flows: [[tls("api.example.com"), "payments/api"]],
  },
  {
    name: "on: an entry's own addresses come before Istio's",
    settings: on,
    objects: [entry("payments/api", "api.example.com", "443 TLS", { addresses: ["203.0.113.7"] }, { vips })],
    flows: [
      [tls("www.example.com", 443, { address: "203.0.113.7" }), "payments/api"],
      [tls("www.example.com", 443, { address: "240.240.0.5" }), "?passthrough"],
    ],
  },
  {
    name: "on, but the entry wants none",
    settings: on,
    objects: [
      entry(
        "payments/api",
        "api.example.com",
        "443 TLS",
        {},
        { labels: { "networking.istio.io/enable-autoallocate-ip": "false" }, vips },
      ),
    ],
    flows: [[tls("api.example.com"), "payments/api"]],
  },
  {
    name: "on: DYNAMIC_DNS asks for the SNI on its address as well",
    settings: on,
    objects: [
      entry(
        "payments/wild",
        "*.example.com",
        "443 TLS",
        { resolution: "DYNAMIC_DNS" },
        { vips: { "*.example.com": "240.240.0.7" } },
      ),
    ],
    flows: [
      [tls("api.example.com", 443, { address: "240.240.0.7" }), "payments/wild"],
      [tls("api.example.org", 443, { address: "240.240.0.7" }), "passthrough"],
    ],
  },
];
