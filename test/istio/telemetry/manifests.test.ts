import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { additions } from "../../../lib/istio/telemetry/additions.ts";
import { type TelemetryOrder, telemetryManifests } from "../../../lib/istio/telemetry/manifests.ts";
import { isLogged, labelValue, telemetryFaults } from "../../admission/telemetry-rules.ts";

const usual: TelemetryOrder = {
  istio: "1.30",
  additions: new Set(additions),
  names: { address: "destination_address", sni: "requested_server_name" },
  namespace: "istio-system",
  gateway: null,
  logs: false,
  declare: false,
};
const gateway = { namespace: "istio-egress", selector: { istio: "egressgateway" } };

interface Spec {
  metrics: { overrides: { match: { metric: string }; tagOverrides: Record<string, { value: string }> }[] }[];
  accessLogging: { filter: { expression: string } }[];
}
const specs = (change: Partial<TelemetryOrder> = {}): Spec[] =>
  telemetryManifests({ ...usual, ...change }).documents.map(({ manifest }) => manifest.spec as unknown as Spec);

/** What a label says of one connection or request. */
function said(
  spec: Spec | undefined,
  metric: string,
  label: string,
  attributes: Record<string, string>,
): string | undefined {
  const override = spec?.metrics[0]?.overrides.find(({ match }) => match.metric === metric);
  const value = override?.tagOverrides[label]?.value;
  return value === undefined ? undefined : labelValue(value, attributes);
}

const dialled = { "destination.address": "203.0.113.7:443", "connection.requested_server_name": "api.example.com" };
const through = (cluster: string) => ({ ...dialled, "xds.cluster_name": cluster });
const byRoute = (route: string, more = {}) => ({ ...dialled, "xds.route_name": route, ...more });

describe("the labels of Telemetry", () => {
  it.each(["TCP_OPENED_CONNECTIONS", "TCP_CLOSED_CONNECTIONS"])(
    "%s tells address and SNI on the catch-alls alone",
    (metric) => {
      const [spec] = specs();
      for (const cluster of ["PassthroughCluster", "BlackHoleCluster"]) {
        expect(said(spec, metric, "destination_address", through(cluster))).toBe("203.0.113.7:443");
        expect(said(spec, metric, "requested_server_name", through(cluster))).toBe("api.example.com");
      }
      for (const cluster of ["outbound|443||api.example.com", "InboundPassthroughCluster"]) {
        expect(said(spec, metric, "destination_address", through(cluster))).toBe("");
        expect(said(spec, metric, "requested_server_name", through(cluster))).toBe("");
      }
    },
  );

  it("HTTP goes by the route: a blocked request has no cluster", () => {
    const [spec] = specs();
    expect(said(spec, "REQUEST_COUNT", "destination_address", byRoute("allow_any"))).toBe("203.0.113.7:443");
    expect(said(spec, "REQUEST_COUNT", "destination_address", byRoute("block_all"))).toBe("203.0.113.7:443");
    expect(said(spec, "REQUEST_COUNT", "destination_address", byRoute("default"))).toBe("");
    expect(said(spec, "REQUEST_COUNT", "destination_address", byRoute("allow_any_dynamic_dns"))).toBe("");
    expect(
      said(specs({ istio: "1.31" })[0], "REQUEST_COUNT", "destination_address", byRoute("allow_any_dynamic_dns")),
    ).toBe("203.0.113.7:443");
    expect(said(spec, "REQUEST_COUNT", "requested_server_name", byRoute("allow_any"))).toBeUndefined();
  });

  it("at the gateway they are on all that it sends on, with the address it connects to", () => {
    const [mesh, own] = specs({ gateway });
    const sent = { ...through("outbound|443||api.example.com"), "upstream.address": "198.51.100.9:443" };
    expect(said(mesh, "TCP_OPENED_CONNECTIONS", "requested_server_name", sent)).toBe("");
    expect(said(own, "TCP_OPENED_CONNECTIONS", "requested_server_name", sent)).toBe("api.example.com");
    expect(said(own, "TCP_CLOSED_CONNECTIONS", "destination_address", sent)).toBe("198.51.100.9:443");
  });

  it("only what was asked for, by the names of the config", () => {
    const [spec] = specs({ additions: new Set(["sni"]), names: { address: "dialled", sni: "sni" } });
    expect(
      spec?.metrics[0]?.overrides.map(({ match, tagOverrides }) => [match.metric, Object.keys(tagOverrides)]),
    ).toEqual([
      ["TCP_OPENED_CONNECTIONS", ["sni"]],
      ["TCP_CLOSED_CONNECTIONS", ["sni"]],
    ]);
    const [http] = specs({ additions: new Set(["http-address"]) });
    expect(http?.metrics[0]?.overrides.map(({ match }) => match.metric)).toEqual(["REQUEST_COUNT"]);
  });

  it("before 1.16, which has no xds attributes, the labels are on all traffic, and that is said", () => {
    const { documents, logs } = telemetryManifests({ ...usual, istio: "1.15" });
    const [spec] = specs({ istio: "1.15" });
    expect(said(spec, "TCP_OPENED_CONNECTIONS", "destination_address", through("outbound|80||a"))).toBe(
      "203.0.113.7:443",
    );
    expect(documents[0]?.about.join("\n")).toContain("in-mesh series too");
    expect(logs).toBeNull();
  });
});

describe("access logs", () => {
  it.each([
    ["blocked HTTP, which has no cluster", byRoute("block_all"), true],
    ["allowed HTTP", byRoute("allow_any", { "xds.cluster_name": "PassthroughCluster" }), true],
    ["allowed TCP, which has no route", through("PassthroughCluster"), true],
    ["blocked TCP", through("BlackHoleCluster"), true],
    ["what a ServiceEntry has", byRoute("default", { "xds.cluster_name": "outbound|443||api.example.com" }), false],
    ["in-mesh TCP", through("outbound|6379||redis.shop.svc.cluster.local"), false],
  ])("%s", (_, attributes, logged) => {
    const expression = specs({ logs: true })[0]?.accessLogging[0]?.filter.expression ?? "";
    expect(isLogged(expression, attributes)).toBe(logged);
  });

  it("stand in the mesh's one Telemetry: of two without selector Istio honours the oldest alone", () => {
    const { documents, logs } = telemetryManifests({ ...usual, logs: true, gateway });
    expect(documents.filter(({ manifest }) => !("selector" in manifest.spec))).toHaveLength(1);
    expect(documents[0]?.manifest.spec).toHaveProperty("accessLogging");
    expect(logs).toBeNull();
  });
});

describe("versions", () => {
  it.each([
    ["1.15", "telemetry.istio.io/v1alpha1", true],
    ["1.17", "telemetry.istio.io/v1alpha1", true],
    ["1.18", "telemetry.istio.io/v1alpha1", false],
    ["1.21.4", "telemetry.istio.io/v1alpha1", false],
    ["1.22", "telemetry.istio.io/v1", false],
    ["1.30", "telemetry.istio.io/v1", false],
  ])("Istio %s: %s, labels declared: %s", (istio, apiVersion, declares) => {
    const { documents, meshConfig } = telemetryManifests({ ...usual, istio });
    expect(documents.map(({ manifest }) => manifest.apiVersion)).toEqual([apiVersion]);
    const extraStatTags = ["destination_address", "requested_server_name"];
    expect(meshConfig).toEqual(declares ? { defaultConfig: { extraStatTags } } : null);
  });

  it("declared where asked for, each label once", () => {
    const { meshConfig } = telemetryManifests({ ...usual, declare: true, additions: new Set(["http-address"]) });
    expect(meshConfig).toEqual({ defaultConfig: { extraStatTags: ["destination_address"] } });
  });
});

it("whatever is asked for, Istio takes it", () => {
  const order = fc.record({
    istio: fc.integer({ min: 12, max: 40 }).map((minor) => `1.${minor}`),
    additions: fc.subarray([...additions], { minLength: 1 }).map((some) => new Set(some)),
    names: fc.constant(usual.names),
    namespace: fc.constantFrom("istio-system", "mesh"),
    gateway: fc.constantFrom(null, gateway),
    logs: fc.boolean(),
    declare: fc.boolean(),
  });
  fc.assert(
    fc.property(order, (one) => {
      // An SNI is no label of HTTP, and at the gateway HTTP gets none.
      const empty = one.gateway !== null && one.additions.size === 1 && one.additions.has("http-address");
      const { documents } = telemetryManifests(one);
      expect(documents.flatMap(({ manifest }) => telemetryFaults(manifest))).toEqual([]);
      expect(documents).toHaveLength(one.gateway === null || empty ? 1 : 2);
    }),
  );
});

describe("the checker of the tests", () => {
  const [sound] = telemetryManifests(usual).documents;
  const changed = (change: (text: string) => string) =>
    telemetryFaults(JSON.parse(change(JSON.stringify(sound?.manifest))));
  it.each([
    ["an empty value", (text: string) => text.replace(/"value":"[^"]*"/, '"value":""')],
    ["REMOVE with a value", (text: string) => text.replace('"value":', '"operation":"REMOVE","value":')],
    ["a metric that is none", (text: string) => text.replace("TCP_OPENED_CONNECTIONS", "TCP_OPEN_CONNECTIONS")],
    ["an unknown field", (text: string) => text.replace('"overrides"', '"override"')],
    ["half an expression", (text: string) => text.replace(" : ''", "")],
    ["another version", (text: string) => text.replace("istio.io/v1", "istio.io/v2")],
  ])("sees %s", (_, change) => {
    expect(changed((text) => text)).toEqual([]);
    expect(changed(change)).not.toEqual([]);
  });
});
