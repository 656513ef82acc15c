import { describe, expect, it } from "vitest";
import type { Flow } from "../../../lib/istio/route/flow.ts";
import { route } from "../../../lib/istio/route/route.ts";
import { entry, from, http, type KubeObject, namespace, type settings, sidecar, table, tcp, tls } from "./make.ts";

const told = (flow: Flow, objects: KubeObject[], change: Partial<ReturnType<typeof settings>> = {}) =>
  route(flow, table(objects, change));
const shadows = (flow: Flow, objects: KubeObject[]) =>
  told(flow, objects).shadowed.map((one) => `${one.entry.namespace}/${one.entry.name}: ${one.why}`);
const none = { resolution: "NONE" };

describe("why", () => {
  it.each<[string, Flow, KubeObject[], string]>([
    [
      "Host",
      http("a.eu.example.com"),
      [entry("p/w", "*.example.com", "80 HTTP", none)],
      "Host a.eu.example.com is *.example.com of p/w on port 80",
    ],
    [
      "SNI",
      tls("a.example.com"),
      [entry("p/a", "a.example.com", "443 TLS")],
      "SNI a.example.com is a.example.com of p/a on port 443",
    ],
    [
      "address",
      tcp("203.0.113.7"),
      [entry("p/a", "a.example.com", "5432 TCP", { addresses: ["203.0.113.7"] })],
      "203.0.113.7 is an address of p/a on port 5432",
    ],
    [
      "range",
      tcp("203.0.113.7"),
      [entry("p/a", "a.example.com", "5432 TCP", { ...none, addresses: ["203.0.113.0/24"] })],
      "203.0.113.7 is in 203.0.113.0/24 of p/a on port 5432",
    ],
    [
      "port",
      tcp("203.0.113.7"),
      [entry("p/a", "a.example.com", "5432 TCP", none)],
      "p/a on port 5432 has no address, hence takes what nothing else on the port takes",
    ],
    [
      "nothing",
      tls("a.example.com"),
      [],
      "no ServiceEntry that payments/checkout sees matches, and ALLOW_ANY lets it through",
    ],
    [
      "a Host that is an address",
      http(null, 80, { address: "203.0.113.7" }),
      [entry("p/a", "a.example.com", "80 HTTP", { addresses: ["203.0.113.7"] })],
      "the Host is 203.0.113.7, an address of p/a on port 80",
    ],
  ])("%s", (_, flow, objects, why) => {
    expect(told(flow, objects).why).toBe(why);
  });

  it("says what REGISTRY_ONLY answers", () => {
    const mode = { outboundMode: "REGISTRY_ONLY" } as const;
    expect(told(http("a.example.com"), [], mode).why).toMatch(/REGISTRY_ONLY answers 502$/);
    expect(told(tcp("203.0.113.7"), [], mode).why).toMatch(/REGISTRY_ONLY closes the connection \(UH\)$/);
  });

  it("says where else unknown traffic goes", () => {
    const proxy = sidecar("payments/s", ["*/*"], {
      outboundTrafficPolicy: { mode: "ALLOW_ANY", egressProxy: { host: "proxy.example.com" } },
    });
    expect(told(tls("a.example.com"), [proxy]).why).toMatch(/ALLOW_ANY lets it through to proxy.example.com$/);
    expect(told(http("a.example.com"), [], { outboundMode: "ALLOW_ANY_DYNAMIC_DNS" }).why).toMatch(
      /lets it through to where the Host resolves$/,
    );
  });
});

describe("reaches", () => {
  it.each<[string, KubeObject, string]>([
    ["NONE", entry("p/a", "*.example.com", "443 TLS", none), "dialled"],
    ["DNS", entry("p/a", "a.example.com", "443 TLS"), "host"],
    ["DNS_ROUND_ROBIN", entry("p/a", "a.example.com", "443 TLS", { resolution: "DNS_ROUND_ROBIN" }), "host"],
    [
      "DNS with endpoints",
      entry("p/a", "a.example.com", "443 TLS", { endpoints: [{ address: "b.example.com" }] }),
      "endpoints",
    ],
    [
      "STATIC",
      entry("p/a", "a.example.com", "443 TLS", { resolution: "STATIC", endpoints: [{ address: "192.0.2.9" }] }),
      "endpoints",
    ],
    ["DYNAMIC_DNS", entry("p/a", "*.example.com", "443 TLS", { resolution: "DYNAMIC_DNS" }), "claimed"],
  ])("%s", (_, object, reaches) => {
    expect(told(tls("a.example.com"), [object])).toMatchObject({ to: "entry", reaches });
  });
});

describe("shadowed", () => {
  const flow = tls("api.example.com");
  const api = (name: string, ports = "443 TLS", spec = {}, day = 1) =>
    entry(name, "api.example.com", ports, spec, { day });

  it.each<[string, KubeObject[], string[]]>([
    [
      "not exported",
      [api("tools/a", "443 TLS", { exportTo: ["."] })],
      ["tools/a: it is exported to tools, not to payments"],
    ],
    [
      "exported to nobody",
      [api("payments/a", "443 TLS", { exportTo: ["~"] })],
      ["payments/a: it is exported to nobody, not to payments"],
    ],
    [
      "not let in",
      [sidecar("payments/s", ["./*"]), api("tools/a")],
      ["tools/a: Sidecar payments/s does not let it in"],
    ],
    ["another port", [api("payments/a", "8443 TLS")], ["payments/a: it has no port 443"]],
    ["another protocol", [api("payments/a", "443 HTTP")], ["payments/a: it speaks HTTP on port 443"]],
    [
      "another namespace has the host",
      [api("payments/a", "443 TLS", {}, 9), api("tools/b")],
      ["tools/b: payments/a has api.example.com too, and is of the workload's own namespace"],
    ],
    [
      "another is older",
      [api("shop/a"), api("tools/b", "443 TLS", {}, 9)],
      ["tools/b: shop/a has api.example.com too, and comes first"],
    ],
    [
      "the same host in one namespace",
      [api("payments/a"), api("payments/b", "443 TLS", {}, 9)],
      ["payments/b: payments/a has it first"],
    ],
    [
      "a wider wildcard",
      [api("payments/a"), entry("payments/w", "*.example.com", "443 TLS", none)],
      ["payments/w: payments/a is more specific"],
    ],
    [
      "its address was not dialled",
      [api("payments/a", "443 TLS", { addresses: ["203.0.113.7"] })],
      ["payments/a: it is told by its addresses, and what was dialled is none of them"],
    ],
  ])("%s", (_, objects, wanted) => {
    expect(shadows(flow, objects)).toEqual(wanted);
  });

  it("names those that want the whole port, at most ten", () => {
    const many = Array.from({ length: 30 }, (_, day) =>
      entry(`p/e${day}`, `h${day}.example.com`, "5432 TCP", none, { day: day + 1 }),
    );
    const all = shadows(tcp("203.0.113.7"), many);
    expect(all).toHaveLength(10);
    expect(all[0]).toBe("p/e1: p/e0 has it first");
  });
});

describe("doubts", () => {
  it("labels that a Sidecar selects by, and nobody knows", () => {
    const objects = [
      sidecar("payments/s", ["~/*"], { workloadSelector: { labels: { app: "db" } } }),
      entry("p/a", "a.example.com", "443 TLS"),
    ];
    expect(told(tls("a.example.com", 443, from("payments")), objects)).toMatchObject({
      to: "entry",
      certain: false,
      doubts: ["whether Sidecar payments/s selects the workload is told by its labels, which are not known"],
    });
  });

  it("Sidecars of no known age", () => {
    const objects = [
      sidecar("payments/a", ["~/*"], {}, { day: null }),
      sidecar("payments/b", ["*/*"], {}, { day: null }),
    ];
    expect(told(tls("a.example.com"), objects).doubts).toEqual([
      "which Sidecar of payments is the oldest, hence in force, the manifests do not say",
    ]);
  });

  it("a host in two namespaces, of no known age", () => {
    const objects = ["shop/a", "tools/b"].map((name) => entry(name, "a.example.com", "443 TLS", {}, { day: null }));
    expect(told(tls("a.example.com"), objects)).toMatchObject({ certain: false });
    expect(told(tls("a.example.com", 443, from("tools", {})), objects)).toMatchObject({
      certain: true,
      entry: { name: "b" },
    });
  });

  it("ambient namespaces, which ztunnel routes", () => {
    expect(
      told(tls("a.example.com"), [namespace("payments", { "istio.io/dataplane-mode": "ambient" })]).doubts,
    ).toEqual(["namespace payments is ambient: ztunnel routes by other rules"]);
  });

  it("partial wildcards as server names, which Envoy refuses with their listener", () => {
    const objects = [entry("p/w", "*-eu.example.com", "443 TLS", none), entry("p/a", "a.example.com", "443 TLS")];
    expect(told(tls("a.example.com"), objects)).toMatchObject({ to: "entry", certain: false });
    expect(told(http("x-eu.example.com"), [entry("p/w", "*-eu.example.com", "80 HTTP", none)])).toMatchObject({
      to: "entry",
      certain: true,
    });
  });

  it("a Sidecar's listener that is a proxy or bound elsewhere", () => {
    const objects = [
      sidecar("payments/s", [
        { hosts: ["*/*"], port: { number: 8080, protocol: "HTTP_PROXY", name: "p" }, bind: "127.0.0.1" },
        "*/*",
      ]),
    ];
    expect(told(http("a.example.com", 8080), objects).certain).toBe(false);
    expect(told(http("a.example.com", 8081), objects).certain).toBe(true);
  });

  it("with DNS capture, another address than the DNS would give", () => {
    const object = entry("p/a", "a.example.com", "443 TLS", {}, { vips: { "a.example.com": "240.240.0.5" } });
    expect(told(tls("a.example.com"), [object], { dnsCapture: true })).toMatchObject({
      to: "entry",
      doubts: ["192.0.2.1 was dialled, and who asks the mesh's DNS for a.example.com dials 240.240.0.5"],
    });
    const unknown = { address: null };
    expect(told(tls("a.example.com", 443, unknown), [object], { dnsCapture: true })).toMatchObject({
      to: "entry",
      certain: true,
    });
  });

  it("with DNS capture, TCP to a name known from elsewhere, and an address not given out yet", () => {
    const object = entry("p/a", "db.example.com", "5432 TCP");
    const flow = tcp("203.0.113.7", 5432, { host: "db.example.com" });
    expect(told(flow, [object], { dnsCapture: true })).toMatchObject({
      to: "entry",
      doubts: [
        "203.0.113.7 was dialled, and who asks the mesh's DNS for db.example.com dials the address Istio gives it",
      ],
    });
    expect(told(tcp("203.0.113.7"), [object], { dnsCapture: true })).toMatchObject({ to: "passthrough" });
    expect(told(tcp("203.0.113.7"), [object], { dnsCapture: true, istio: "1.24" })).toMatchObject({
      to: "entry",
      certain: false,
    });
  });
});
