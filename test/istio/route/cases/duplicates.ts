/** One host in several entries. */
import { entry, from, http, type RouteCase, tls } from "../make.ts";

const api = (name: string, ports: string, day: number, spec = {}) =>
  entry(name, "api.example.com", ports, spec, { day });

export const duplicateCases: RouteCase[] = [
  {
    name: "in two namespaces: the workload's own, else the older; and the other has no port either",
    objects: [api("tools/old", "443 TLS, 80 HTTP", 2), api("payments/own", "443 TLS", 9)],
    flows: [
      [tls("api.example.com"), "payments/own"],
      [http("api.example.com"), "passthrough"],
      [tls("api.example.com", 443, from("shop", {})), "tools/old"],
      [http("api.example.com", 80, from("shop", {})), "tools/old"],
    ],
  },
  {
    name: "one for chosen namespaces comes first, though younger",
    objects: [api("tools/old", "443 TLS", 2), api("shop/new", "443 TLS", 9, { exportTo: ["payments"] })],
    flows: [
      [tls("api.example.com"), "shop/new"],
      [tls("api.example.com", 443, from("tools", {})), "tools/old"],
    ],
  },
  {
    name: "in one namespace, alike but for ports: both ports work",
    objects: [api("payments/one", "443 TLS", 2), api("payments/two", "80 HTTP", 9)],
    flows: [
      [tls("api.example.com"), "payments/one"],
      [http("api.example.com"), "payments/two"],
    ],
  },
  {
    name: "in one namespace, not alike: only the older one's ports have a cluster",
    objects: [api("payments/one", "443 TLS", 2), api("payments/two", "80 HTTP", 9, { resolution: "NONE" })],
    flows: [
      [tls("api.example.com"), "payments/one"],
      [http("api.example.com"), "!payments/two"],
    ],
  },
  {
    name: "in one namespace on one port, with two protocols: the younger one has the Host, and it is none",
    objects: [api("payments/one", "443 HTTP", 2), api("payments/two", "443 TLS", 9)],
    flows: [
      [tls("api.example.com"), "payments/one"],
      [http("api.example.com", 443), "passthrough"],
    ],
  },
  {
    name: "a wildcard and a host of it are two hosts",
    objects: [
      entry("tools/wild", "*.example.com", "443 TLS", { resolution: "NONE" }, { day: 2 }),
      api("payments/own", "8443 TLS", 9),
    ],
    flows: [
      [tls("api.example.com"), "tools/wild"],
      [tls("api.example.com", 8443), "payments/own"],
    ],
  },
  {
    name: "endpoints that another entry gives the host keep NONE from taking the port",
    objects: [
      entry("payments/none", "api.example.com", "5432 TCP", { resolution: "NONE" }, { day: 9 }),
      entry(
        "payments/static",
        "api.example.com",
        "5432 HTTP",
        { resolution: "STATIC", endpoints: [{ address: "192.0.2.9" }] },
        { day: 2 },
      ),
    ],
    flows: [[tls("www.example.com", 5432), "?passthrough"]],
  },
];
