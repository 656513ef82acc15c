import { describe, expect, it } from "vitest";
import { readInForce, type ServiceEntry } from "../../../lib/istio/in-force.ts";
import { entry, namespace, sidecar } from "./make.ts";

const read = (...objects: unknown[]) => readInForce(objects);
const only = (object: unknown): ServiceEntry => {
  const [first] = read(object).entries;
  if (first === undefined) throw new Error("no entry");
  return first;
};
const reasons = (...objects: unknown[]) => read(...objects).leftOut.map(({ what, why }) => `${what}: ${why}`);

describe("readInForce", () => {
  it.each(["v1", "v1beta1", "v1alpha3"])("reads networking.istio.io/%s", (version) => {
    const object = {
      ...entry("payments/api", "api.example.com", "443 TLS"),
      apiVersion: `networking.istio.io/${version}`,
    };
    expect(read(object).entries).toHaveLength(1);
  });

  it("fills in Istio's defaults", () => {
    const object = {
      apiVersion: "networking.istio.io/v1",
      kind: "ServiceEntry",
      metadata: { name: "a" },
      spec: { hosts: ["A.Example.com"], ports: [{ number: 80, name: "x" }] },
    };
    expect(only(object)).toEqual({
      namespace: "default",
      name: "a",
      labels: {},
      hosts: ["a.example.com"],
      addresses: [],
      ports: [{ number: 80, name: "x", protocol: null, class: "auto", targetPort: null }],
      resolution: "NONE",
      location: "MESH_EXTERNAL",
      endpoints: [],
      selects: false,
      exportTo: [],
      vips: [],
      autoAddress: true,
      created: null,
      place: null,
    });
  });

  it("reads all that is written", () => {
    const object = entry(
      "payments/api",
      "api.example.com, *.example.org",
      "443 HTTPS, 3306 mysql",
      {
        addresses: ["203.0.113.9/24", "203.0.113.7/32", "2001:DB8::1", "2001:db8:1::5/48", "::ffff:203.0.113.8"],
        resolution: "STATIC",
        endpoints: [{ address: "192.0.2.9" }],
        exportTo: ["."],
        location: "MESH_INTERNAL",
      },
      {
        day: 2,
        labels: { "networking.istio.io/enable-autoallocate-ip": "False" },
        vips: { "api.example.com": "240.240.0.5" },
      },
    );
    const [read1] = readInForce([object], [{ file: "a.yaml", document: 3 }]).entries;
    expect(read1).toMatchObject({
      addresses: ["203.0.113.0/24", "203.0.113.7", "2001:db8::1", "2001:db8:1::/48", "203.0.113.8"],
      ports: [
        { number: 443, protocol: "HTTPS", class: "tls" },
        { number: 3306, protocol: "MySQL", class: "mysql" },
      ],
      endpoints: ["192.0.2.9"],
      location: "MESH_INTERNAL",
      autoAddress: false,
      vips: [{ host: "api.example.com", address: "240.240.0.5" }],
      created: Date.UTC(2026, 0, 2),
      place: { file: "a.yaml", document: 3 },
    });
  });

  it("takes a protocol nobody knows for none, and a port number of text for no port", () => {
    expect(only(entry("a/b", "a.example.com", "80 SPDY")).ports).toMatchObject([{ protocol: null, class: "auto" }]);
    expect(only(entry("a/b", "a.example.com", "80 __proto__")).ports).toMatchObject([{ class: "auto" }]);
    const odd = entry("a/b", "a.example.com", "80 HTTP");
    expect(reasons({ ...odd, spec: { hosts: ["a.example.com"], ports: [{ number: "80" }] } })).toEqual([
      "ServiceEntry a/b: a port has no number of 1 to 65535",
      "ServiceEntry a/b: it has no port",
    ]);
  });

  it("leaves out what it cannot understand, with the reason", () => {
    expect(
      reasons(
        entry("a/b", "203.0.113.7, _x.example.com, a.example.com", "80 HTTP", { addresses: ["here", "1.2.3.4/40"] }),
      ),
    ).toEqual([
      'ServiceEntry a/b: host "_x.example.com" is no host name',
      'ServiceEntry a/b: address "here" is neither an address nor a CIDR',
      'ServiceEntry a/b: address "1.2.3.4/40" is neither an address nor a CIDR',
    ]);
    expect(reasons(entry("a/b", "a.example.com", "80 HTTP", { resolution: "MAYBE" }))).toEqual([
      'ServiceEntry a/b: resolution "MAYBE" is none of Istio\'s',
    ]);
    expect(reasons({ apiVersion: "networking.istio.io/v2", kind: "ServiceEntry", metadata: { name: "x" } })).toEqual([
      'ServiceEntry default/x: "networking.istio.io/v2" is not known',
    ]);
    expect(reasons({ apiVersion: "networking.istio.io/v1", kind: "Sidecar", metadata: {} })).toEqual([
      "Sidecar without a name: it has no metadata.name",
    ]);
    expect(reasons(sidecar("a/b", ["here", "./*"]))).toEqual([
      'Sidecar a/b: egress host "here" is not of the form namespace/host',
    ]);
  });

  it("passes over other kinds, without a word", () => {
    const others = [
      null,
      7,
      "x",
      [],
      {},
      { kind: "ServiceEntry" },
      { apiVersion: "apps/v1", kind: "Deployment" },
      { apiVersion: "serving.knative.dev/v1", kind: "ServiceEntry", metadata: { name: "x" } },
    ];
    expect(read(...others)).toEqual({ entries: [], sidecars: [], namespaces: [], leftOut: [] });
  });

  it("reads Lists as kubectl does: in Lists, too, and typed ones whose items leave out their kind", () => {
    const item = (name: string) => entry(`a/${name}`, `${name}.example.com`, "80 HTTP");
    const { kind: _, apiVersion, ...bare } = { kind: "", apiVersion: "", ...item("c") };
    const typed = { apiVersion: "networking.istio.io/v1", kind: "ServiceEntryList", items: [bare] };
    const list = { apiVersion: "v1", kind: "List", items: [item("a"), { kind: "List", items: [item("b")] }, 5, typed] };
    expect(read(list).entries.map(({ name }) => name)).toEqual(["a", "b", "c"]);
  });

  it("takes the last of two with one name", () => {
    const both = read(entry("a/b", "a.example.com", "80 HTTP"), entry("a/b", "b.example.com", "80 HTTP"));
    expect(both.entries.map((one) => one.hosts)).toEqual([["b.example.com"]]);
    expect(both.leftOut).toMatchObject([
      { what: "ServiceEntry a/b", why: "it is there more than once; the last one counts" },
    ]);
  });

  it("reads Sidecars and Namespaces", () => {
    const inForce = read(
      sidecar(
        "a/b",
        [{ hosts: ["./*"], port: { number: 443, protocol: "TLS" }, bind: "127.0.0.1" }, "*/*.Example.com"],
        {
          workloadSelector: { labels: { app: "x" } },
          outboundTrafficPolicy: { mode: "ALLOW_ANY", egressProxy: { host: "proxy.example.com" } },
        },
      ),
      sidecar("a/c", ["*/*"], { outboundTrafficPolicy: {} }),
      namespace("a", { team: "x" }),
    );
    expect(inForce.sidecars).toMatchObject([
      {
        selector: { app: "x" },
        egress: [
          { hosts: ["./*"], port: { number: 443, protocol: "TLS", class: "tls" }, local: true },
          { hosts: ["*/*.example.com"], port: null, local: false },
        ],
        outboundMode: "ALLOW_ANY",
        egressProxy: "proxy.example.com",
      },
      { selector: null, outboundMode: "REGISTRY_ONLY", egressProxy: null },
    ]);
    expect(inForce.namespaces).toEqual([{ name: "a", labels: { team: "x" } }]);
  });

  it("keeps names printable", () => {
    const odd = entry("pay\u001b[31m/a<b>", "a.example.com", "80 HTTP");
    expect(only(odd)).toMatchObject({ namespace: "pay\\u001b[31m", name: "a\\u003cb\\u003e" });
  });
});
