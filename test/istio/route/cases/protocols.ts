/** Several protocols on one port, and none at all. */
import { entry, http, type RouteCase, tcp, tls } from "../make.ts";

const none = { resolution: "NONE" };

export const protocolCases: RouteCase[] = [
  {
    name: "HTTP and TLS on one port go side by side",
    objects: [
      entry("payments/web", "web.example.com", "443 HTTP"),
      entry("payments/api", "api.example.com", "443 TLS"),
    ],
    flows: [
      [http("web.example.com", 443), "payments/web"],
      [tls("api.example.com"), "payments/api"],
      [tls("web.example.com"), "passthrough"],
      [http("api.example.com", 443), "passthrough"],
      [tcp("203.0.113.7", 443), "?passthrough"],
    ],
  },
  {
    name: "HTTP and TCP on one port are sniffed apart, in either order",
    objects: [
      entry("payments/web", "web.example.com", "8080 HTTP", {}, { day: 2 }),
      entry("payments/raw", "raw.example.com", "8080 TCP", none, { day: 9 }),
      entry("payments/web2", "web2.example.com", "9090 HTTP", {}, { day: 9 }),
      entry("payments/raw2", "raw2.example.com", "9090 TCP", none, { day: 2 }),
    ],
    flows: [
      [http("web.example.com", 8080), "payments/web"],
      [http("www.example.com", 8080), "passthrough"],
      [tcp("203.0.113.7", 8080), "?payments/raw"],
      [tls("www.example.com", 8080), "payments/raw"],
      [http("web2.example.com", 9090), "payments/web2"],
      [http("www.example.com", 9090), "passthrough"],
      [tls("www.example.com", 9090), "payments/raw2"],
    ],
  },
  {
    name: "no protocol: HTTP by Host, all else takes the port",
    objects: [entry("payments/auto", "auto.example.com", "8080", none)],
    flows: [
      [http("auto.example.com", 8080), "payments/auto"],
      [http("www.example.com", 8080), "passthrough"],
      [tls("www.example.com", 8080), "?payments/auto"],
      [tcp("203.0.113.7", 8080), "?payments/auto"],
    ],
  },
  {
    name: "no protocol comes second to HTTP: its Host works, its TCP does not",
    objects: [
      entry("payments/web", "web.example.com", "8080 HTTP", {}, { day: 2 }),
      entry("payments/auto", "auto.example.com", "8080", none, { day: 9 }),
    ],
    flows: [
      [http("auto.example.com", 8080), "payments/auto"],
      [http("web.example.com", 8080), "payments/web"],
      [tls("www.example.com", 8080), "passthrough"],
    ],
  },
  {
    name: "no protocol with an address: any Host that is dialled there",
    objects: [entry("payments/auto", "auto.example.com", "8080", { addresses: ["203.0.113.7"] })],
    flows: [
      [http("auto.example.com", 8080, { address: "203.0.113.7" }), "payments/auto"],
      [http("www.example.com", 8080, { address: "203.0.113.7" }), "payments/auto"],
      [tls("www.example.com", 8080, { address: "203.0.113.7" }), "payments/auto"],
      [http("auto.example.com", 8080), "passthrough"],
    ],
  },
  {
    name: "Mongo and MySQL share a port with no other protocol",
    objects: [
      entry("payments/mysql", "mysql.example.com", "3306 MySQL", none, { day: 2 }),
      entry("payments/web", "web.example.com", "3306 HTTP", {}, { day: 3 }),
      entry("payments/raw", "raw.example.com", "3306 TLS", {}, { day: 4 }),
    ],
    flows: [
      [http("web.example.com", 3306), "?payments/mysql"],
      [tls("raw.example.com", 3306), "?payments/mysql"],
    ],
  },
  {
    name: "Redis is TCP",
    objects: [entry("payments/redis", "redis.example.com", "6379 Redis", { ...none, addresses: ["203.0.113.7"] })],
    flows: [[tcp("203.0.113.7", 6379), "payments/redis"]],
  },
];
