/** TLS: told apart by SNI on 0.0.0.0, by address where the entry has one. */
import { entry, http, type RouteCase, tcp, tls } from "../make.ts";

export const tlsCases: RouteCase[] = [
  {
    name: "by SNI and port",
    objects: [entry("payments/api", "api.example.com", "443 TLS")],
    flows: [
      [tls("api.example.com"), "payments/api"],
      [tls("api.example.com", 443, { address: null }), "payments/api"],
      [tls("api.example.com", 8443), "passthrough"],
      [tls("www.example.com"), "passthrough"],
      [tls("v1.api.example.com"), "passthrough"],
      [tls(null), "?passthrough"],
      [tcp("192.0.2.1", 443), "?passthrough"],
      [tcp("192.0.2.1", 443, { sni: "api.example.com" }), "payments/api"],
      [http("api.example.com", 443), "passthrough"],
    ],
  },
  {
    name: "HTTPS is TLS",
    objects: [
      entry("payments/api", "api.example.com", "443 HTTPS"),
      entry("payments/www", "www.example.com", "443 https"),
    ],
    flows: [
      [tls("api.example.com"), "payments/api"],
      [tls("www.example.com"), "payments/www"],
    ],
  },
  {
    name: "exact before wildcard, the longest wildcard first",
    objects: [
      entry("payments/all", "*.example.com", "443 TLS", { resolution: "NONE" }),
      entry("payments/eu", "*.eu.example.com", "443 TLS", { resolution: "NONE" }),
      entry("payments/api", "api.eu.example.com", "443 TLS"),
    ],
    flows: [
      [tls("api.eu.example.com"), "payments/api"],
      [tls("www.eu.example.com"), "payments/eu"],
      [tls("a.b.eu.example.com"), "payments/eu"],
      [tls("eu.example.com"), "payments/all"],
      [tls("example.com"), "passthrough"],
      [tls("notexample.com"), "passthrough"],
    ],
  },
  {
    name: "with an address: by address, and not by SNI",
    objects: [entry("payments/api", "api.example.com", "443 TLS", { addresses: ["203.0.113.7"] })],
    flows: [
      [tls("api.example.com", 443, { address: "203.0.113.7" }), "payments/api"],
      [tls("www.example.com", 443, { address: "203.0.113.7" }), "payments/api"],
      [tls("api.example.com", 443, { address: "203.0.113.8" }), "passthrough"],
      [tls("api.example.com", 443, { address: null }), "?passthrough"],
      [tls(null, 443, { address: "203.0.113.7" }), "payments/api"],
      [http("api.example.com", 443, { address: "203.0.113.7" }), "payments/api"],
    ],
  },
  {
    name: "with a CIDR: by both, and a wrong name in the range falls through",
    objects: [
      entry("payments/net", "api.example.com", "443 TLS", { addresses: ["203.0.113.0/24"], resolution: "NONE" }),
      entry("payments/any", "www.example.com", "443 TLS"),
    ],
    flows: [
      [tls("api.example.com", 443, { address: "203.0.113.9" }), "payments/net"],
      [tls("www.example.com", 443, { address: "203.0.113.9" }), "passthrough"],
      [tls("www.example.com", 443, { address: "192.0.2.9" }), "payments/any"],
      [tls("api.example.com", 443, { address: "192.0.2.9" }), "passthrough"],
      [tls("www.example.com", 443, { address: null }), "?payments/any"],
    ],
  },
  {
    name: "a CIDR of TCP takes TLS and HTTP that are dialled into it",
    objects: [
      entry("payments/net", "net.egress.internal", "443 TCP", { addresses: ["203.0.113.0/24"], resolution: "NONE" }),
      entry("payments/www", "www.example.com", "443 TLS"),
    ],
    flows: [
      [tls("www.example.com", 443, { address: "203.0.113.9" }), "payments/net"],
      [http("www.example.com", 443, { address: "203.0.113.9" }), "payments/net"],
      [tls("www.example.com", 443, { address: "192.0.2.9" }), "payments/www"],
    ],
  },
  {
    name: "without a host of its own, TLS falls to the TCP entry that takes the port",
    objects: [
      entry("payments/db", "db.example.com", "443 TCP", { resolution: "NONE" }),
      entry("payments/www", "www.example.com", "443 TLS"),
    ],
    flows: [
      [tls("www.example.com"), "payments/www"],
      [tls("api.example.com"), "payments/db"],
      [tls(null), "?payments/db"],
    ],
  },
  {
    name: "DYNAMIC_DNS asks for the SNI",
    objects: [entry("payments/wild", "*.example.com", "443 TLS, 80 HTTP", { resolution: "DYNAMIC_DNS" })],
    flows: [
      [tls("api.example.com"), "payments/wild"],
      [http("api.example.com"), "payments/wild"],
      [tls("example.com"), "passthrough"],
      [tls("api.example.org"), "passthrough"],
    ],
  },
  {
    name: "DYNAMIC_DNS is not known to be served before 1.30",
    settings: { istio: "1.29.2" },
    objects: [entry("payments/wild", "*.example.com", "443 TLS", { resolution: "DYNAMIC_DNS" })],
    flows: [[tls("api.example.com"), "?payments/wild"]],
  },
  {
    name: "STATIC without endpoints: taken, and nothing answers",
    objects: [
      entry("payments/api", "api.example.com", "443 TLS", { resolution: "STATIC" }),
      entry("payments/www", "www.example.com", "443 TLS", {
        resolution: "STATIC",
        endpoints: [{ address: "192.0.2.9" }],
      }),
    ],
    flows: [
      [tls("api.example.com"), "!payments/api"],
      [tls("www.example.com"), "payments/www"],
    ],
  },
];
