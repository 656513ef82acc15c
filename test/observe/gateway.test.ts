/** SNI at the egress gateway: whose calls, to where, and each of them once. */
import { describe, expect, it } from "vitest";
import type { Counted, Labels, Series } from "../../lib/model.ts";
import { observe } from "../../lib/observe/observe.ts";
import { gatewayOf } from "../../lib/words/gateway.ts";
import { blocked, settings as plain, row, tcp } from "./make.ts";

const window = { from: 0, to: 900_000 };
const gateway = gatewayOf({ namespace: "istio-system", selector: { istio: "egressgateway" } });
const settings = { ...plain, gateway };
const own = { source_workload_namespace: "istio-system", source_workload: "istio-egressgateway" };
const service = {
  destination_service_name: "istio-egressgateway",
  destination_service_namespace: "istio-system",
  destination_workload: "istio-egressgateway",
};
/** The gateway's row: its own address, the entry it went to. */
const atGateway = (sni: string, change: Labels = {}): Labels =>
  tcp("10.0.0.9:8443", { ...own, destination_service_name: "e.example", requested_server_name: sni, ...change });
const toGateway = (sni: string, change: Labels = {}): Labels =>
  tcp("203.0.113.7:443", { ...service, requested_server_name: sni, ...change });

const at = (...rows: Labels[]): Counted<Series> => ({ counter: "atGateway", series: rows.map((one) => row(one, 5)) });
const to = (...rows: Labels[]): Counted<Series> => ({ counter: "toGateway", series: rows.map((one) => row(one, 3)) });
const opened = (...rows: Labels[]): Counted<Series> => ({ counter: "opened", series: rows.map((one) => row(one, 2)) });
const seen = (...counted: Counted<Series>[]): string[] =>
  [...observe(counted, window, settings).values()].map(({ observation: { source, destination, total } }) => {
    const { verdict, protocol, host, address, port, claim } = destination;
    return `${source.workload} ${verdict} ${protocol} ${host ?? claim} ${address}:${port} x${total}`;
  });

describe("the gateway's own series", () => {
  it("is TLS to the SNI, from the gateway; the address dialled is its own and says nothing", () => {
    expect(seen(at(atGateway("api.example.com")))).toEqual([
      "istio-egressgateway allowed tls api.example.com null:null x5",
    ]);
  });

  it.each([
    ["outbound_.443_._.api.example.com", "api.example.com null:443"],
    ["outbound_.8443_.v1_.api.example.com", "api.example.com null:8443"],
    ["invalid:outbound_.443_._.api.example.com", "api.example.com null:443"],
  ])("%s is taken apart", (sni, place) => {
    expect(seen(at(atGateway(sni)))).toEqual([`istio-egressgateway allowed tls ${place} x5`]);
  });

  it.each([
    "outbound_.443_._.cart.shop.svc.cluster.local",
    "outbound_.80_.sub_.istio-egressgateway.istio-system.svc.cluster.local",
    "outbound_.443_._.cart",
    "outbound_.443_._.",
    "outbound_.443",
    "invalid:whatever",
    "cart.shop.svc.cluster.local",
    "",
  ])("%j is dropped: it is of the mesh, or says nothing", (sni) => expect(seen(at(atGateway(sni)))).toEqual([]));

  it("an SNI that is no host name is a claim", () => {
    expect(seen(at(atGateway("a_b.example.com")))).toEqual([
      "istio-egressgateway allowed tls a_b.example.com null:null x5",
    ]);
  });

  it("where it has no way on it is blocked, as the catch-all tells it, and once", () => {
    expect(seen(opened(atGateway("x.example.com", blocked)))).toEqual([
      "istio-egressgateway blocked tls x.example.com null:null x2",
    ]);
    expect(seen(opened(tcp("10.0.0.9:8443", { ...own, ...blocked })))).toEqual([
      "istio-egressgateway blocked tcp null 10.0.0.9:8443 x2",
    ]);
  });

  it("what the config calls internal is none", () => {
    const internal = { ...settings, internal: ["*.corp.example"] };
    expect(observe([at(atGateway("a.corp.example"))], window, internal).size).toBe(0);
  });
});

describe("a sidecar's series to the gateway", () => {
  it("is the workload's own call, where its SNI was seen", () => {
    expect(seen(to(toGateway("api.example.com")))).toEqual(["web allowed tls api.example.com 203.0.113.7:443 x3"]);
  });

  it.each(["", "outbound_.443_._.api.example.com", "cart.shop.svc.cluster.local", "a_b"])("not with %j", (sni) => {
    expect(seen(to(toGateway(sni)))).toEqual([]);
  });

  it("takes the place of the gateway's for that SNI, and of no other", () => {
    expect(seen(to(toGateway("a.example.com")), at(atGateway("a.example.com"), atGateway("b.example.com")))).toEqual([
      "web allowed tls a.example.com 203.0.113.7:443 x3",
      "istio-egressgateway allowed tls b.example.com null:null x5",
    ]);
  });

  it("of another cluster does not", () => {
    const [east, west] = [{ source_cluster: "east" }, { source_cluster: "west" }];
    expect(seen(to(toGateway("a.example.com", east)), at(atGateway("a.example.com", west)))).toHaveLength(2);
  });

  it("is the same destination as past the gateway, and one sum", () => {
    const past = tcp("203.0.113.7:443", { requested_server_name: "a.example.com" });
    expect(seen(opened(past), to(toGateway("a.example.com")))).toEqual([
      "web allowed tls a.example.com 203.0.113.7:443 x5",
    ]);
  });
});

describe("which workload is the gateway", () => {
  it.each([
    [{ istio: "egressgateway" }, ["istio-egressgateway", "egressgateway"]],
    [{ istio: "istio-egress" }, ["istio-egress"]],
    [{ app: "egress" }, ["egress"]],
    [{ app: "istio-egressgateway", istio: "egressgateway" }, ["istio-egressgateway", "egressgateway"]],
    [{ role: "egress" }, ["istio-egressgateway"]],
  ])("%j: %j", (selector, expected) => {
    expect(gatewayOf({ namespace: "n", selector: selector as Record<string, string> }).names).toEqual(expected);
  });

  it("by the name of its Service, where the config says one", () => {
    const selector = { istio: "egress" };
    expect(gatewayOf({ namespace: "n", selector, service: "outbound" }).names).toEqual([
      "outbound",
      "istio-egress",
      "egress",
    ]);
  });
});
