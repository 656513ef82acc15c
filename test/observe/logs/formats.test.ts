import { describe, expect, it } from "vitest";
import type { Labels } from "../../../lib/model.ts";
import { sightingKey } from "../../../lib/observe/key.ts";
import { tally } from "../../../lib/observe/logs/tally.ts";
import { observe } from "../../../lib/observe/observe.ts";
import type { Gateway } from "../../../lib/words/gateway.ts";
import { blocked, http as httpLabels, row, settings, tcp } from "../make.ts";
import * as line from "./make.ts";

const always = { from: 0, to: Date.UTC(2100, 0) };

/** The flows of some lines, as texts. */
function read(
  lines: readonly string[],
  labels: Labels = { namespace: "shop", pod: "web-7dc8cb9d9b-6hfhg" },
  gateway: Gateway | null = null,
) {
  const sums = tally({ cluster: "prod", internal: [], window: always, since: 0, gateway });
  for (const text of lines) sums.add({ text, time: null, labels });
  return sums.result();
}

function flows(lines: readonly string[], labels?: Labels, gateway?: Gateway): string[] {
  return read(lines, labels, gateway).flows.map(({ source, destination, now, addresses, via }) => {
    const { verdict, protocol, host, address, port, sni, claim } = destination;
    const place = host ?? (claim === null ? address : `"${claim}"`);
    const more = `${sni === null ? "" : ` sni ${sni}`}${via === null ? "" : ` via ${via.workload}`}`;
    const behind = [...addresses.keys()].filter((one) => one !== place).join(",");
    return `${source.namespace}/${source.workload} ${verdict} ${protocol} ${place}:${port}${more}${behind === "" ? "" : ` at ${behind}`} x${now.count}`;
  });
}

const tlsFlow = "shop/web allowed tls api.example.com:443 sni api.example.com at 203.0.113.251 x1";

describe("Istio's text format", () => {
  it("reads a connection by its SNI, and by its address where there is none", () => {
    expect(flows([line.tls()])).toEqual([tlsFlow]);
    expect(flows([line.tls({ sni: "-" })])).toEqual(["shop/web allowed tcp 203.0.113.251:443 x1"]);
  });

  it("reads a request by its Host, with the port that was dialled", () => {
    expect(flows([line.http({ local: "198.51.100.80:8080" })])).toEqual([
      "shop/web allowed http httpbin.example.org:8080 at 198.51.100.80 x1",
    ]);
  });

  it("tells blocked ones by cluster, by route, and by the flag alone as Istio 1.9 did", () => {
    const route = line.http({
      code: "502",
      details: "direct_response",
      upstream: "-",
      cluster: "-",
      route: "block_all",
    });
    expect(flows([line.tls(line.blackHole), line.tls(line.blockedOfOld), route])).toEqual([
      "shop/web blocked tcp 203.0.113.251:443 x2",
      "shop/web blocked http httpbin.example.org:80 at 198.51.100.80 x1",
    ]);
  });

  it("passes over the mesh's own calls, inbound ones, and services without endpoints", () => {
    const own = line.http({ cluster: "outbound|8080||cart.shop.svc.cluster.local", route: "default" });
    const inbound = line.http({ cluster: "InboundPassthroughCluster", route: "default" });
    const known = line.tls({ cluster: "inbound|8080||", sni: "outbound_.8080_._.web.shop.svc.cluster.local" });
    const empty = line.tls({ flags: "UH", cluster: "outbound|6379||redis.shop.svc.cluster.local" });
    const closed = line.tls({ ...line.blackHole, local: "172.17.34.35:15006" });
    const result = read([own, inbound, known, empty, closed]);
    expect(result).toMatchObject({ flows: [], lines: 5, odd: { lines: 0 } });
  });

  it("is not fooled by quotes, spaces and columns that a request wrote", () => {
    const agent =
      'x" "-" "evil.example" "192.0.2.1:1" BlackHoleCluster 1.1.1.1:1 192.0.2.1:1 1.1.1.1:1 evil.example block_all';
    const path = 'GET /a" 200 - - - "-" 1 1 99999999999999 1 "b HTTP/1.1';
    const expected = ["shop/web allowed http httpbin.example.org:80 at 198.51.100.80 x2"];
    expect(flows([line.http({ agent }), line.http({ request: path })])).toEqual(expected);
  });

  it("takes an SNI with blanks and quotes for a claim, whatever columns it imitates", () => {
    const sni = 'a" "h" BlackHoleCluster 1.1.1.1:1 192.0.2.1:443 1.1.1.1:2 ok.example.com';
    const [found] = read([line.tls({ sni })]).flows;
    expect(found?.destination).toMatchObject({ verdict: "allowed", address: "203.0.113.251", port: 443, host: null });
    expect(found?.destination.claim).toContain("BlackHoleCluster");
  });

  it("reads IPv6, and drops Istio's own SNIs", () => {
    const six = line.tls({ local: "[2001:db8::7]:8443", sni: "outbound_.443_._.x.example.com" });
    expect(flows([six])).toEqual(["shop/web allowed tcp 2001:db8::7:8443 x1"]);
  });
});

describe("Istio's JSON format", () => {
  it("says the same as text", () => {
    const both = (change: Partial<line.Columns>) => [flows([line.tls(change)]), flows([line.tlsJson(change)])];
    for (const change of [{}, { sni: "-" }, line.blackHole, line.blockedOfOld]) {
      const [text, json] = both(change);
      expect(json).toEqual(text);
      expect(json).toHaveLength(1);
    }
    expect(flows([line.httpJson()])).toEqual(flows([line.http()]));
  });

  it("reads hyphens as nothing, and keys in any order, others beside them, or missing", () => {
    const hyphens = line.tlsJson({}, { authority: "-", route_name: "-", path: "-" });
    const few = JSON.stringify({
      extra: { deep: [1] },
      upstream_cluster: "PassthroughCluster",
      downstream_local_address: "192.0.2.9:25",
    });
    expect(flows([hyphens, few])).toEqual([tlsFlow, "shop/web allowed tcp 192.0.2.9:25 x1"]);
  });

  it("takes the caller from the line where it is there, before the stream's labels", () => {
    const named = line.tlsJson({}, { source_workload: "cart", source_namespace: "store" });
    const pod = line.tlsJson({}, { pod_name: "cart-v2-7656cf8794-r7zb9", pod_namespace: "store" });
    expect(flows([named, pod], {})).toEqual([
      "store/cart allowed tls api.example.com:443 sni api.example.com at 203.0.113.251 x1",
      "store/cart-v2 allowed tls api.example.com:443 sni api.example.com at 203.0.113.251 x1",
    ]);
  });

  it("knows gRPC where the format tells the content type, and takes it for HTTP where not", () => {
    const grpc = line.httpJson({}, { request_content_type: "application/grpc+proto" });
    expect(flows([grpc, line.httpJson()]).map((one) => one.split(" ")[2])).toEqual(["grpc", "http"]);
  });

  it("counts as odd what has other types than texts, is cut short, or has other keys", () => {
    const types = line.tlsJson({}, { downstream_local_address: { a: 1 }, requested_server_name: ["x"] });
    const short = line.tlsJson().slice(0, 200);
    const renamed = JSON.stringify({ start_time: "2023-11-24T13:21:55.197Z", cluster: "PassthroughCluster" });
    const result = read([types, short, renamed, line.tlsJson()]);
    expect(result.odd.lines).toBe(3);
    expect(result.flows).toHaveLength(1);
  });
});

describe("an egress gateway", () => {
  const labels = { namespace: "istio-system", pod: "istio-egressgateway-5d8c7b9f46-x2x5k" };

  it("is the source of every line with an SNI, to whom it called", () => {
    expect(flows([line.tls(line.gateway), line.tlsJson(line.gateway)], labels)).toEqual([
      "istio-system/istio-egressgateway allowed tls www.example.org:443 sni www.example.org at 203.0.113.9 x2",
    ]);
  });

  it("stands back for the workload or the service account that the line tells", () => {
    const account = { downstream_peer_uri_san: "spiffe://cluster.local/ns/shop/sa/web" };
    const workload = { source_workload: "web-v1", source_namespace: "shop" };
    const lines = [account, workload].map((more) => line.tlsJson(line.gateway, more));
    const result = read(lines, labels);
    expect(
      result.flows.map(({ source, via, byAccount, principal }) => [
        source.workload,
        via?.workload,
        byAccount,
        principal,
      ]),
    ).toEqual([
      ["web", "istio-egressgateway", true, "spiffe://cluster.local/ns/shop/sa/web"],
      ["web-v1", "istio-egressgateway", false, null],
    ]);
  });

  it("goes by whatever name the config gives it, in its namespace alone", () => {
    const own: Gateway = { namespace: "edge", names: ["way-out", "istio-way-out"] };
    const pod = "istio-way-out-5d8c7b9f46-x2x5k";
    const lines = [line.tls(line.gateway), line.tlsJson(line.gateway)];
    const found = ["edge/istio-way-out allowed tls www.example.org:443 sni www.example.org at 203.0.113.9 x2"];
    expect(flows(lines, { namespace: "edge", pod }, own)).toEqual(found);
    const byApp = { namespace: "edge", pod: "other-0", app: "way-out" };
    expect(flows(lines, byApp, own)).toEqual([found[0]?.replace("istio-way-out", "other")]);
    expect(flows(lines, { namespace: "shop", pod }, own)).toEqual([]);
    expect(flows(lines, { namespace: "edge", pod })).toEqual([]);
    // The line itself tells whose it is, in a stream that tells nothing.
    const json = line.tlsJson(line.gateway, { source_workload: "way-out", source_namespace: "edge" });
    const named = "edge/way-out allowed tls www.example.org:443 sni www.example.org at 203.0.113.9 x1";
    expect(flows([json], {}, own)).toEqual([named]);
    expect(flows([json], {})).toEqual([]);
    const caller = line.tlsJson(line.gateway, { source_workload: "web", source_namespace: "shop" });
    expect(flows([caller], { namespace: "edge", pod }, own)).toEqual([
      "shop/web allowed tls www.example.org:443 sni www.example.org via istio-way-out at 203.0.113.9 x1",
    ]);
  });

  it("takes an outer SNI apart, and passes over one that names the gateway itself", () => {
    const outer = { ...line.gateway, sni: "outbound_.443_._.api.example.org" };
    const own = { ...line.gateway, sni: "outbound_.443_.tls_.istio-egressgateway.istio-system.svc.cluster.local" };
    expect(flows([line.tls(outer), line.tls(own), line.tls({ ...line.gateway, sni: "-" })], labels)).toEqual([
      "istio-system/istio-egressgateway allowed tls api.example.org:443 sni api.example.org at 203.0.113.9 x1",
    ]);
  });

  it("sees in an SNI what metrics see: a subset, an invalid one, and no name of the mesh", () => {
    const of = (sni: string) => flows([line.tls({ ...line.gateway, cluster: "-", upstream: "-", sni })], labels);
    const at = "istio-system/istio-egressgateway allowed tls api.example.org:8443 sni api.example.org x1";
    expect(of("outbound_.8443_.v1_a_.api.example.org")).toEqual([at]);
    expect(of("invalid:outbound_.8443_._.api.example.org")).toEqual([at]);
    for (const sni of ["invalid:x", "web.shop.svc.cluster.local", "outbound_.80_._.web.shop.svc.cluster.local"]) {
      expect(of(sni), sni).toEqual([]);
    }
  });

  it("tells by a policy's refusal that a call was blocked, with the port of the cluster", () => {
    const denied = { ...line.gateway, upstream: "-", termination: "rbac_access_denied_matched_policy[none]" };
    expect(flows([line.tls(denied)], labels)).toEqual([
      "istio-system/istio-egressgateway blocked tls www.example.org:443 sni www.example.org x1",
    ]);
  });
});

describe("ztunnel's formats", () => {
  const flow = "tools/debug allowed tcp 203.0.113.142:443 x1";

  it("are read as JSON and as text; the pod's name is the workload's", () => {
    expect(flows([line.ztunnelJson()], { namespace: "istio-system", pod: "ztunnel-abcde" })).toEqual([flow]);
    expect(flows([line.ztunnelText()])).toEqual([flow]);
    expect(flows([line.ztunnelJson({ "src.workload": "istio-debug" })])).toEqual([
      "tools/istio-debug allowed tcp 203.0.113.142:443 x1",
    ]);
  });

  it("count a connection once that is logged when it opens and when it closes, and one that failed", () => {
    const lines = [line.ztunnelJson({}, "connection opened"), line.ztunnelJson()];
    expect(flows([...lines, line.ztunnelText({ error: 'io error: "refused"'.replaceAll('"', '\\"') })])).toEqual([
      flow.replace("x1", "x2"),
    ]);
  });

  it("pass over what a service or workload of the mesh answers to, and inbound connections", () => {
    const inside = [
      line.ztunnelJson({ "dst.service": "web.shop.svc.cluster.local" }),
      line.ztunnelText({ "dst.workload": "web-0" }),
      line.ztunnelJson({ direction: "inbound" }),
      line.ztunnelText({ direction: "inbound", "dst.service": "outbound.example" }),
    ];
    expect(read(inside)).toMatchObject({ flows: [], odd: { lines: 0 } });
  });

  it("name the service account where they do not tell the workload", () => {
    const [found] = read([line.ztunnelJson({ "src.workload": undefined, "src.namespace": undefined })]).flows;
    expect(found).toMatchObject({ source: { namespace: "tools", workload: "debug" }, byAccount: true });
  });
});

describe("identity", () => {
  const caller = { namespace: "shop", pod: "web-7dc8cb9d9b-6hfhg" };
  const pairs: [string, string, "requests" | "opened", Labels][] = [
    ["TLS", line.tls(), "opened", tcp("203.0.113.251:443", { requested_server_name: "api.example.com" })],
    ["TCP", line.tls({ sni: "-" }), "opened", tcp("203.0.113.251:443")],
    ["blocked", line.tls(line.blackHole), "opened", tcp("203.0.113.251:443", blocked)],
    ["HTTP", line.http(), "requests", httpLabels("httpbin.example.org", { destination_address: "198.51.100.80:80" })],
    [
      "a Host in capitals",
      line.http({ authority: "HTTPBIN.example.org:80" }),
      "requests",
      httpLabels("httpbin.example.org"),
    ],
    [
      "a Host that is none",
      line.http({ authority: "under_score" }),
      "requests",
      httpLabels("under_score", { destination_address: "198.51.100.80:80" }),
    ],
  ];
  it.each(pairs)("of %s is that of the same flow in metrics", (_, text, counter, labels) => {
    const [key] = observe([{ counter, series: [row(labels)] }], always, settings).keys();
    const [found] = read([text], caller).flows;
    expect(found && sightingKey("prod", found.source, found.destination)).toBe(key);
  });

  it("leaves out what the config calls internal, and in-mesh calls under ALLOW_ANY_DYNAMIC_DNS", () => {
    const sums = tally({ cluster: "prod", internal: ["203.0.113.0/24"], window: always, since: 0 });
    sums.add({ text: line.tls(), time: null, labels: caller });
    const dynamic = { cluster: "AllowAnyDynamicDNSCluster", route: "allow_any_dynamic_dns" };
    for (const authority of ["redis", "cart.shop.svc.cluster.local", "api.example.net"]) {
      sums.add({ text: line.http({ ...dynamic, authority }), time: null, labels: caller });
    }
    expect(sums.result().flows.map((one) => one.destination.host)).toEqual(["api.example.net"]);
  });
});

describe("a line that a workload wrote to be slow to read", () => {
  const began = "2026-01-01T00:05:00Z";
  it.each([
    ["blanks after access", `${began} info access${" ".repeat(100_000)}UH`],
    ["blanks before a field", `${began}${" ".repeat(50_000)}info access${" ".repeat(50_000)}a=b`],
    ["a long word", `${began}\tinfo\taccess\tconnection complete\toutbound=1 ${"a".repeat(200_000)}`],
  ])("of %s is passed over", (_, text) => {
    expect(flows([text, line.tls()])).toEqual([tlsFlow]);
  });
});
