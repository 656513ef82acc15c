/** Who sees an entry: exportTo, and Sidecars. */
import { entry, from, http, type RouteCase, sidecar, tcp, tls } from "../make.ts";

const api = (name: string, exportTo?: string[], day = 1) =>
  entry(name, "api.example.com", "443 TLS", exportTo === undefined ? {} : { exportTo }, { day });
const call = (namespace: string, labels: Record<string, string> = {}) =>
  tls("api.example.com", 443, from(namespace, labels));

export const visibilityCases: RouteCase[] = [
  {
    name: "exportTo: all by default",
    objects: [api("payments/api")],
    flows: [
      [call("payments"), "payments/api"],
      [call("shop"), "payments/api"],
    ],
  },
  {
    name: "exportTo: all, said so",
    objects: [api("payments/api", ["*"])],
    flows: [[call("shop"), "payments/api"]],
  },
  {
    name: "exportTo: the entry's own namespace",
    objects: [api("payments/api", ["."])],
    flows: [
      [call("payments"), "payments/api"],
      [call("shop"), "passthrough"],
    ],
  },
  {
    name: "exportTo: namespaces by name, the entry's own not among them",
    objects: [api("payments/api", ["shop", "tools"])],
    flows: [
      [call("payments"), "passthrough"],
      [call("shop"), "payments/api"],
      [call("tools"), "payments/api"],
      [call("shop2"), "passthrough"],
    ],
  },
  {
    name: "exportTo: nobody",
    objects: [api("payments/api", ["~"])],
    flows: [[call("payments"), "passthrough"]],
  },
  {
    name: "a Sidecar lets in its own namespace and one more",
    objects: [
      sidecar("payments/default", ["./*, istio-system/*"]),
      api("tools/api"),
      entry("payments/www", "www.example.com", "443 TLS"),
      entry("istio-system/mail", "mail.example.com", "443 TLS"),
    ],
    flows: [
      [tls("api.example.com"), "passthrough"],
      [tls("www.example.com"), "payments/www"],
      [tls("mail.example.com"), "istio-system/mail"],
      [call("shop"), "tools/api"],
    ],
  },
  {
    name: "a Sidecar lets in by host and by wildcard; an entry's wildcard only by a wider one",
    objects: [
      sidecar("payments/default", ["tools/api.example.com, */*.example.org"]),
      api("tools/api"),
      entry("tools/www", "www.example.com", "443 TLS"),
      entry("tools/org", "a.example.org", "443 TLS"),
      entry("tools/wild", "*.b.example.org", "443 TLS", { resolution: "NONE" }),
      entry("tools/top", "*.org", "443 TLS", { resolution: "NONE" }),
    ],
    flows: [
      [tls("api.example.com"), "tools/api"],
      [tls("www.example.com"), "passthrough"],
      [tls("a.example.org"), "tools/org"],
      [tls("x.b.example.org"), "tools/wild"],
      [tls("x.example.org"), "passthrough"],
    ],
  },
  {
    name: "a Sidecar that lets nothing in",
    objects: [sidecar("payments/default", ["~/*"]), api("payments/api")],
    flows: [[call("payments"), "passthrough"]],
  },
  {
    name: "a Sidecar lets in what is not exported to it: nothing",
    objects: [sidecar("payments/default", ["*/*"]), api("tools/api", ["."])],
    flows: [[call("payments"), "passthrough"]],
  },
  {
    name: "a Sidecar for labels before that of the namespace, that before the root's",
    objects: [
      sidecar("istio-system/root", ["~/*"]),
      sidecar("payments/all", ["tools/*"]),
      sidecar("payments/db", ["./*"], { workloadSelector: { labels: { app: "db" } } }, { day: 9 }),
      api("tools/api"),
    ],
    flows: [
      [call("payments", { app: "web" }), "tools/api"],
      [call("payments", { app: "db" }), "passthrough"],
      [call("payments", { app: "db", tier: "x" }), "passthrough"],
      [call("shop"), "passthrough"],
    ],
  },
  {
    name: "the older of two Sidecars, and none of the root's for labels",
    objects: [
      sidecar("payments/late", ["~/*"], {}, { day: 9 }),
      sidecar("payments/early", ["*/*"], {}, { day: 2 }),
      sidecar("istio-system/some", ["~/*"], { workloadSelector: { labels: { app: "web" } } }),
      api("tools/api"),
    ],
    flows: [
      [call("payments"), "tools/api"],
      [call("shop", { app: "web" }), "tools/api"],
    ],
  },
  {
    name: "a Sidecar's policy: REGISTRY_ONLY where it says none",
    objects: [
      sidecar("payments/default", ["*/*"], { outboundTrafficPolicy: {} }),
      sidecar("shop/default", ["*/*"], { outboundTrafficPolicy: { mode: "ALLOW_ANY" } }),
    ],
    settings: { outboundMode: "ALLOW_ANY" },
    flows: [
      [call("payments"), "blocked"],
      [call("shop"), "passthrough"],
      [tcp("203.0.113.7"), "blocked"],
    ],
  },
  {
    name: "a Sidecar's listener with a port: that port is for its hosts, all others for the rest",
    objects: [
      sidecar("payments/default", [
        { hosts: ["tools/*"], port: { number: 443, protocol: "TLS", name: "tls" } },
        "shop/*",
      ]),
      api("tools/api"),
      entry("tools/web", "web.example.com", "80 HTTP"),
      entry("shop/www", "www.example.com", "443 TLS"),
      entry("shop/mail", "mail.example.com", "80 HTTP"),
    ],
    flows: [
      [tls("api.example.com"), "tools/api"],
      [tls("www.example.com"), "passthrough"],
      [http("web.example.com"), "passthrough"],
      [http("mail.example.com"), "shop/mail"],
    ],
  },
  {
    name: "a Sidecar's listener speaks its own protocol",
    objects: [
      sidecar("payments/default", [{ hosts: ["tools/*"], port: { number: 443, protocol: "TCP", name: "tcp" } }]),
      api("tools/api"),
    ],
    flows: [[tls("www.example.com"), "~tools/api"]],
  },
];
