/** TCP: told apart by the address dialled, if at all. */
import { entry, http, type RouteCase, tcp, tls } from "../make.ts";

const none = { resolution: "NONE" };

export const tcpCases: RouteCase[] = [
  {
    name: "by address and port",
    objects: [entry("payments/db", "db.egress.internal", "5432 TCP", { ...none, addresses: ["203.0.113.7"] })],
    flows: [
      [tcp("203.0.113.7"), "payments/db"],
      [tcp("203.0.113.8"), "passthrough"],
      [tcp("203.0.113.7", 5433), "passthrough"],
      [tcp(null), "?passthrough"],
      [tls("api.example.com", 5432, { address: "203.0.113.7" }), "payments/db"],
      [http("api.example.com", 5432, { address: "203.0.113.7" }), "payments/db"],
    ],
  },
  {
    name: "the most specific CIDR, and an address before all of them",
    objects: [
      entry("payments/wide", "wide.egress.internal", "5432 TCP", { ...none, addresses: ["203.0.0.0/16"] }),
      entry("payments/near", "near.egress.internal", "5432 TCP", { ...none, addresses: ["203.0.113.0/24"] }),
      entry("payments/one", "one.egress.internal", "5432 TCP", { ...none, addresses: ["203.0.113.7/32"] }),
    ],
    flows: [
      [tcp("203.0.113.7"), "payments/one"],
      [tcp("203.0.113.8"), "payments/near"],
      [tcp("203.0.5.1"), "payments/wide"],
      [tcp("203.1.0.1"), "passthrough"],
    ],
  },
  {
    name: "IPv6 by the same rules",
    objects: [
      entry("payments/wide", "wide.egress.internal", "5432 TCP", { ...none, addresses: ["2001:db8::/32"] }),
      entry("payments/near", "near.egress.internal", "5432 TCP", { ...none, addresses: ["2001:db8:1::/48"] }),
    ],
    flows: [
      [tcp("2001:db8:1::7"), "payments/near"],
      [tcp("2001:db8:2::7"), "payments/wide"],
      [tcp("2001:db9::7"), "passthrough"],
      [tcp("203.0.113.7"), "passthrough"],
    ],
  },
  {
    name: "the same CIDR, but for bits that do not count: the older one",
    objects: [
      entry(
        "payments/late",
        "late.egress.internal",
        "5432 TCP",
        { ...none, addresses: ["203.0.113.99/24"] },
        { day: 9 },
      ),
      entry(
        "payments/early",
        "early.egress.internal",
        "5432 TCP",
        { ...none, addresses: ["203.0.113.0/24"] },
        { day: 2 },
      ),
    ],
    flows: [[tcp("203.0.113.7"), "payments/early"]],
  },
  {
    name: "without an address it takes all of the port, and sends it to its own host",
    objects: [entry("payments/db", "db.example.com", "5432 TCP")],
    flows: [
      [tcp("203.0.113.7"), "~payments/db"],
      [tcp("203.0.113.7", 5432, { host: "db.example.com" }), "payments/db"],
      [tcp("203.0.113.7", 5432, { host: "other.example.com" }), "~payments/db"],
      [tls("api.example.com", 5432), "~payments/db"],
      [http("api.example.com", 5432), "~payments/db"],
      [tcp("203.0.113.7", 5433), "passthrough"],
    ],
  },
  {
    name: "with NONE it takes all of the port, and lets it go where it was dialled",
    objects: [entry("payments/db", "db.example.com", "5432 TCP", none)],
    flows: [
      [tcp("203.0.113.7"), "payments/db"],
      [tls("api.example.com", 5432), "payments/db"],
    ],
  },
  {
    name: "two that take all of the port: the older one",
    objects: [
      entry("payments/late", "a.example.com", "5432 TCP", none, { day: 9 }),
      entry("tools/early", "b.example.com", "5432 TCP", none, { day: 2 }),
    ],
    flows: [[tcp("203.0.113.7"), "tools/early"]],
  },
  {
    name: "one for chosen namespaces comes before one for all, though younger",
    objects: [
      entry("payments/late", "a.example.com", "5432 TCP", { ...none, exportTo: ["."] }, { day: 9 }),
      entry("tools/early", "b.example.com", "5432 TCP", none, { day: 2 }),
    ],
    flows: [[tcp("203.0.113.7"), "payments/late"]],
  },
  {
    name: "of one age: by host",
    objects: [
      entry("payments/z", "b.example.com", "5432 TCP", none),
      entry("payments/a", "a.example.com", "5432 TCP", none),
    ],
    flows: [[tcp("203.0.113.7"), "payments/a"]],
  },
  {
    name: "of no known age: not certain",
    objects: [
      entry("payments/z", "b.example.com", "5432 TCP", none, { day: null }),
      entry("payments/a", "a.example.com", "5432 TCP", none, { day: null }),
    ],
    flows: [[tcp("203.0.113.7"), "?payments/a"]],
  },
  {
    name: "an address that two have: the older one",
    objects: [
      entry("payments/late", "a.example.com", "5432 TCP", { ...none, addresses: ["203.0.113.7"] }, { day: 9 }),
      entry("payments/early", "b.example.com", "5432 TCP", { ...none, addresses: ["203.0.113.7"] }, { day: 2 }),
    ],
    flows: [[tcp("203.0.113.7"), "payments/early"]],
  },
  {
    name: "0.0.0.0/0 takes the port, but not what HTTP's sniffing has turned away",
    objects: [entry("payments/all", "all.egress.internal", "5432 TCP", { ...none, addresses: ["0.0.0.0/0"] })],
    flows: [[tcp("203.0.113.7"), "payments/all"]],
  },
  {
    name: "UDP is nothing to a sidecar",
    objects: [entry("payments/dns", "dns.example.com", "53 UDP", { ...none, addresses: ["203.0.113.7"] })],
    flows: [[tcp("203.0.113.7", 53), "passthrough"]],
  },
  {
    name: "a workloadSelector with NONE: a listener for each workload, and none for the port",
    objects: [
      entry("payments/vm", "vm.example.com", "5432 TCP", { ...none, workloadSelector: { labels: { app: "db" } } }),
    ],
    flows: [[tcp("203.0.113.7"), "?passthrough"]],
  },
];
