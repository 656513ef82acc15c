import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { Finding, Suggestion } from "../../lib/model.ts";
import type { SuggestSettings } from "../../lib/suggest/suggest.ts";
import { admitAll } from "./admit-all.ts";
import {
  finding,
  grpc,
  http,
  literal,
  name,
  objects,
  onlyOne,
  ports,
  source,
  spec,
  suggestAll,
  tcp,
  tls,
} from "./make.ts";

const host = "api.stripe.com";
const slug = "api-stripe-com-5e9af329";
const gateway = { namespace: "istio-system", selector: { istio: "egressgateway" } };
const service = "istio-egressgateway.istio-system.svc.cluster.local";
const isGateway = ({ manifest }: Suggestion) => objects(manifest).some(({ kind }) => kind === "Gateway");
const gateways = (findings: readonly Finding[], settings: SuggestSettings = { egressGateway: gateway }) =>
  suggestAll(findings, [], settings).map((one) => one.suggestions.find(isGateway) ?? null);
const web = { source: source({ namespace: "web" }) };
const of = (made: Suggestion | null | undefined, kind: string) =>
  objects(made!.manifest).find((one) => one.kind === kind)!.spec as Record<string, never>;

describe("TLS through the egress gateway", () => {
  const [made] = gateways([finding(tls(host))]);

  it("takes five objects in the gateway's namespace, after the exact entry", () => {
    const [one] = suggestAll([finding(tls(host))], [], { egressGateway: gateway });
    expect(onlyOne(one).manifest.metadata.namespace).toBe("payments");
    expect(spec(onlyOne(one).manifest).exportTo).toEqual(["."]);
    expect(objects(made!.manifest).map(({ kind, metadata }) => [kind, metadata.namespace, metadata.name])).toEqual(
      ["ServiceEntry", "Gateway", "VirtualService", "DestinationRule", "AuthorizationPolicy"].map((kind) => [
        kind,
        "istio-system",
        slug,
      ]),
    );
    expect(admitAll(made!.manifest)).toEqual([]);
    expect(parse(made!.yaml, { version: "1.1" })).toEqual(made!.manifest);
  });

  it("shows the entry to the gateway and to the caller, and to no one else", () => {
    expect(spec(made!.manifest)).toMatchObject({ hosts: [host], resolution: "DNS", exportTo: [".", "payments"] });
    expect(of(made, "VirtualService").exportTo).toEqual([".", "payments"]);
  });

  it("goes by the SNI to the gateway, in the mesh's mTLS and unopened, and from there to the host", () => {
    expect(of(made, "Gateway").servers).toEqual([
      { port: { number: 443, name: "tls-443", protocol: "TLS" }, hosts: [host], tls: { mode: "ISTIO_MUTUAL" } },
    ]);
    expect(of(made, "VirtualService")).toMatchObject({
      gateways: ["mesh", slug],
      tls: [
        {
          match: [{ gateways: ["mesh"], port: 443, sniHosts: [host] }],
          route: [{ destination: { host: service, subset: slug, port: { number: 443 } } }],
        },
      ],
      tcp: [{ match: [{ gateways: [slug], port: 443 }], route: [{ destination: { host, port: { number: 443 } } }] }],
    });
    expect(of(made, "DestinationRule")).toEqual({
      host: service,
      subsets: [
        {
          name: slug,
          trafficPolicy: { portLevelSettings: [{ port: { number: 443 }, tls: { mode: "ISTIO_MUTUAL", sni: host } }] },
        },
      ],
    });
  });

  it("is denied to all namespaces that were not seen calling, and to nobody else for any other host", () => {
    expect(of(made, "AuthorizationPolicy")).toEqual({
      selector: { matchLabels: gateway.selector },
      action: "DENY",
      rules: [
        {
          from: [{ source: { notNamespaces: ["payments"] } }],
          when: [{ key: "connection.sni", values: [host] }],
        },
      ],
    });
  });

  it("keeps the port that is called, and enters by the gateway's own", () => {
    const [other] = gateways([finding(tls(host, 8443))]);
    expect(JSON.stringify(of(other, "VirtualService").tls)).toContain('"port":8443');
    expect(JSON.stringify(of(other, "VirtualService").tcp)).toContain('"port":{"number":8443}');
    expect(JSON.stringify(of(other, "Gateway"))).not.toContain("8443");
    expect(admitAll(other!.manifest)).toEqual([]);
  });

  it("is one set of objects for all namespaces that call", () => {
    const both = gateways([finding(tls(host)), finding(tls(host), web)]);
    expect(both[0]?.yaml).toBe(both[1]?.yaml);
    expect(of(both[0], "AuthorizationPolicy").rules).toMatchObject([
      { from: [{ source: { notNamespaces: ["payments", "web"] } }] },
    ]);
    expect(spec(both[0]!.manifest).exportTo).toEqual([".", "payments", "web"]);
    const [own] = gateways([finding(tls(host), { source: source({ namespace: "istio-system" }) })]);
    expect(spec(own!.manifest).exportTo).toEqual(["."]);
    expect(admitAll(own!.manifest)).toEqual([]);
  });

  it("says what it takes for granted, and what is blocked today", () => {
    const [blocked] = gateways([finding(tls(host, 443, { verdict: "blocked" }))]);
    expect(blocked?.warnings).toEqual([
      "api.stripe.com from payments is blocked today: applying this opens it.",
      `It takes the gateway's Service to be ${service}, with ports 443: change it where yours is called otherwise.`,
      expect.stringContaining("a NetworkPolicy has to keep"),
      expect.stringContaining("istio-system/* among its egress hosts"),
      expect.stringContaining("ALLOW policies"),
    ]);
    expect(blocked?.confidence).toBe("medium");
  });

  it.each([
    [{ istio: "egressgateway" }, undefined, "istio-egressgateway"],
    [{ istio: "istio-out" }, undefined, "istio-out"],
    [{ app: "my-egress", istio: "my-egress" }, undefined, "my-egress"],
    [{ role: "out" }, undefined, "istio-egressgateway"],
    [{ istio: "egressgateway" }, "way-out", "way-out"],
  ])("finds the Service of the pods %j", (selector, named, expected) => {
    const egressGateway = { namespace: "egress", selector, service: named };
    expect(of(gateways([finding(tls(host))], { egressGateway })[0], "DestinationRule").host).toBe(
      `${expected}.egress.svc.cluster.local`,
    );
  });
});

describe("HTTP through the egress gateway", () => {
  it("goes the same way, by its Host", () => {
    const [made] = gateways([finding(http(host, 8080))]);
    expect(of(made, "Gateway").servers).toEqual([
      { port: { number: 80, name: "https-80", protocol: "HTTPS" }, hosts: [host], tls: { mode: "ISTIO_MUTUAL" } },
    ]);
    expect(of(made, "VirtualService").http).toEqual([
      {
        match: [{ gateways: ["mesh"], port: 8080 }],
        route: [{ destination: { host: service, subset: slug, port: { number: 80 } } }],
      },
      { match: [{ gateways: [slug], port: 80 }], route: [{ destination: { host, port: { number: 8080 } } }] },
    ]);
    expect(made?.warnings.at(-1)).toContain("Port 80 of the gateway speaks mTLS then");
    expect(admitAll(made!.manifest)).toEqual([]);
  });

  it("goes beside TLS, in one set of objects", () => {
    const both = gateways([finding(http(host)), finding(tls(host), web)]);
    expect(both.map((one) => one && ports(one.manifest))).toEqual(
      Array(2).fill(["80 http-80 HTTP", "443 tls-443 TLS"]),
    );
    expect(admitAll(both[0]!.manifest)).toEqual([]);
  });
});

describe("there is no way through the gateway", () => {
  const named = { names: [name(host, "ptr", "confirmed")] };
  it.each<[string, Finding[]]>([
    ["for a bare address", [finding(tcp("203.0.113.7"))]],
    ["for an address as Host", [finding(literal("203.0.113.7"))]],
    ["for TCP by name", [finding(tcp("203.0.113.7", 5432, {}), named)]],
    ["for gRPC", [finding(grpc(host))]],
    ["for two ports of TLS", [finding(tls(host)), finding(tls(host, 8443), web)]],
    ["for two ports of HTTP", [finding(http(host)), finding(http(host, 8080))]],
    ["where TCP is beside it", [finding(tls(host)), finding(tcp("203.0.113.7"), named)]],
  ])("%s", (_, found) => {
    expect(gateways(found)).toEqual(found.map(() => null));
  });

  it("where the config has none", () => {
    expect(gateways([finding(tls(host))], {})).toEqual([null]);
    expect(gateways([finding(tls(host))], { egressGateway: undefined })).toEqual([null]);
  });

  it("for a port that another namespace's calls gave another protocol", () => {
    const older = { ...web, firstSeen: 1 };
    expect(gateways([finding(http(host, 443)), finding(tls(host, 443), older)]).map((one) => one === null)).toEqual([
      true,
      true,
    ]);
  });
});
