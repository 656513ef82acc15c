import { describe, expect, it } from "vitest";
import { admit, errors } from "./admit.ts";
import type { Fields } from "./view.ts";

const http = { number: 80, name: "http-80", protocol: "HTTP" };
const tls = { number: 443, name: "tls-443", protocol: "TLS" };
const tcp = { number: 5432, name: "tcp-5432", protocol: "TCP" };

/** A ServiceEntry that is accepted without a word, with `spec` laid over it; undefined takes a key away. */
function entry(spec: Fields, metadata: Fields = {}): Fields {
  const whole = { hosts: ["api.example.com"], ports: [http], location: "MESH_EXTERNAL", resolution: "DNS", ...spec };
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "ServiceEntry",
    metadata: { name: "api-example-com", namespace: "payments", ...metadata },
    spec: Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== undefined)),
  };
}

const bare = (spec: Fields): Fields =>
  entry({ hosts: ["ip-1.egress.example"], addresses: ["203.0.113.7"], ports: [tcp], resolution: "NONE", ...spec });
const pinned = (endpoints: unknown, spec: Fields = {}): Fields => bare({ resolution: "STATIC", endpoints, ...spec });
const many = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const wild = (spec: Fields, metadata: Fields = {}): Fields =>
  entry({ hosts: ["*.example.com"], ports: [tls], resolution: "DYNAMIC_DNS", ...spec }, metadata);
const waypoint = { labels: { "istio.io/use-waypoint": "egress" } };

type Case = [rule: string, level: "error" | "warning", bad: Fields, good: Fields];

const istio: Case[] = [
  [
    "1",
    "error",
    entry({ workloadSelector: { labels: { "": "x" } } }),
    entry({ workloadSelector: { labels: { app: "x" } } }),
  ],
  [
    "1",
    "error",
    entry({ workloadSelector: { labels: { app: "a*" } } }),
    entry({ workloadSelector: { labels: { app: "a" } } }),
  ],
  ["2", "warning", entry({ workloadSelector: { labels: {} } }), entry({ workloadSelector: { labels: { app: "x" } } })],
  [
    "3",
    "error",
    pinned([{ address: "203.0.113.7" }], { workloadSelector: { labels: { app: "x" } } }),
    pinned([{ address: "203.0.113.7" }]),
  ],
  ["4", "error", entry({ hosts: [] }), entry({})],
  ["5", "error", entry({ hosts: ["*"], resolution: "NONE" }), entry({ hosts: ["*.example.com"], resolution: "NONE" })],
  ["6", "error", entry({ hosts: ["203.0.113.7"] }), entry({ hosts: ["ip-203-0-113-7.example"] })],
  ["6", "error", entry({ hosts: ["_dmarc.example.com"] }), entry({ hosts: ["dmarc.example.com."] })],
  ["6", "error", entry({ hosts: [`${"a".repeat(64)}.example`] }), entry({ hosts: [`${"a".repeat(63)}.example`] })],
  ["6", "error", entry({ hosts: ["a..example"] }), entry({ hosts: ["A.Example"] })],
  [
    "6",
    "error",
    entry({ hosts: ["a.*.example"], resolution: "NONE" }),
    entry({ hosts: ["*.a.example"], resolution: "NONE" }),
  ],
  ["6", "error", entry({ hosts: [`${"a.".repeat(128)}com`] }), entry({ hosts: [`${"a.".repeat(120)}com`] })],
  [
    "7",
    "warning",
    entry({ hosts: ["*foo.com"], resolution: "NONE" }),
    entry({ hosts: ["*.foo.com"], resolution: "NONE" }),
  ],
  ["7", "warning", entry({ hosts: ["*-x.foo.com"], resolution: "NONE" }), wild({ hosts: ["*-x.foo.com"] })],
  ["8", "error", bare({ addresses: ["db.example.com"] }), bare({ addresses: ["2001:db8::1"] })],
  ["8", "error", bare({ addresses: ["203.0.113.7/33"] }), bare({ addresses: ["203.0.113.7/32", "2001:db8::1/128"] })],
  ["9", "error", entry({ addresses: ["203.0.113.0/24"] }), entry({ addresses: ["203.0.113.7"] })],
  ["10", "error", entry({ ports: [null] }), entry({})],
  ["11", "error", entry({ ports: [http, { ...http, number: 81 }] }), entry({ ports: [http, tls] })],
  ["11", "error", entry({ ports: [http, { ...tls, number: 80 }] }), entry({ ports: [http, tls] })],
  ["12", "error", entry({ ports: [{ ...http, number: 65536 }] }), entry({ ports: [{ ...http, number: 65535 }] })],
  ["12", "error", entry({ ports: [{ ...http, number: 0 }] }), entry({ ports: [{ ...http, number: 1 }] })],
  [
    "12",
    "error",
    entry({ ports: [{ ...http, targetPort: 70000 }] }),
    entry({ ports: [{ ...http, targetPort: 8080 }] }),
  ],
  ["13", "warning", bare({ addresses: undefined }), bare({})],
  ["13", "warning", bare({ addresses: undefined, ports: [{ number: 1, name: "any" }] }), entry({ ports: [tcp] })],
  ["14", "error", entry({ ports: [{ ...http, name: "HTTP_80" }] }), entry({ ports: [{ ...http, name: "http-80" }] })],
  [
    "14",
    "error",
    entry({ ports: [{ ...http, name: "a".repeat(64) }] }),
    entry({ ports: [{ ...http, name: "a".repeat(63) }] }),
  ],
  [
    "15",
    "error",
    entry({ ports: [{ ...http, protocol: "SMTP" }] }),
    entry({ ports: [{ ...http, protocol: "gRPC-Web" }] }),
  ],
  ["16", "error", bare({ endpoints: [{ address: "203.0.113.7" }] }), pinned([{ address: "203.0.113.7" }])],
  ["17", "warning", bare({ workloadSelector: { labels: { app: "x" } } }), bare({})],
  ["18", "error", pinned([null]), pinned([{ address: "203.0.113.7" }])],
  ["18", "error", pinned([{ address: "db.example.com" }]), pinned([{ address: "2001:db8::1" }])],
  ["18", "error", pinned([{}]), pinned([{ address: "203.0.113.7" }])],
  ["18", "warning", pinned([{ network: "vpc" }]), pinned([{ address: "203.0.113.7", network: "vpc" }])],
  [
    "18",
    "error",
    pinned([{ address: "203.0.113.7", ports: { https: 1 } }]),
    pinned([{ address: "203.0.113.7", ports: { "tcp-5432": 1 } }]),
  ],
  ["18", "error", pinned([{ address: "unix://run/db" }]), pinned([{ address: "unix:///run/db" }])],
  [
    "18",
    "error",
    pinned([{ address: "unix:///run/db" }], { ports: [tcp, tls] }),
    pinned([{ address: "unix:///run/db" }]),
  ],
  [
    "18",
    "error",
    pinned([{ address: "203.0.113.7", labels: { app: "-" } }]),
    pinned([{ address: "203.0.113.7", labels: { app: "a" } }]),
  ],
  [
    "20",
    "error",
    entry({ hosts: ["*.example.com"] }),
    entry({ hosts: ["*.example.com"], endpoints: [{ address: "a.example.com" }] }),
  ],
  [
    "21",
    "error",
    entry({ resolution: "DNS_ROUND_ROBIN", endpoints: [{ address: "a.example" }, { address: "b.example" }] }),
    entry({ resolution: "DNS_ROUND_ROBIN", endpoints: [{ address: "a.example" }] }),
  ],
  [
    "22",
    "error",
    entry({ endpoints: [{ address: "unix:///run/x" }] }),
    entry({ endpoints: [{ address: "203.0.113.7" }] }),
  ],
  [
    "22",
    "error",
    entry({ endpoints: [{ address: "a.example", ports: { x: 1 } }] }),
    entry({ endpoints: [{ address: "a.example", ports: { "http-80": 1 } }] }),
  ],
  [
    "23",
    "warning",
    entry({ hosts: ["a.example", "b.example"], addresses: ["203.0.113.7"], ports: [tls] }),
    entry({ hosts: ["a.example"], addresses: ["203.0.113.7"], ports: [tls] }),
  ],
  ["24", "error", wild({ hosts: ["a.example.com"] }), wild({})],
  ["24", "error", wild({ addresses: ["203.0.113.7"] }), wild({})],
  ["24", "error", wild({ ports: [{ ...tls, protocol: "HTTPS" }] }), wild({ ports: [tls] })],
  ["24", "error", wild({ location: "MESH_INTERNAL" }, waypoint), wild({}, waypoint)],
  [
    "25",
    "error",
    entry({ hosts: ["a.example", "b.example"], ports: [tcp] }),
    entry({ hosts: ["a.example", "b.example"], ports: [tls] }),
  ],
  ["26", "error", entry({ exportTo: [".", "payments"] }), entry({ exportTo: [".", "istio-system"] })],
  ["26", "error", entry({ exportTo: ["*", "other"] }), entry({ exportTo: ["*"] })],
  ["26", "error", entry({ exportTo: ["~", "."] }), entry({ exportTo: ["~"] })],
  ["26", "error", entry({ exportTo: ["Not_One"] }), entry({ exportTo: ["one"] })],
];

const kubernetes: Case[] = [
  [
    "crd/hosts-count",
    "error",
    entry({ hosts: many(257).map((one) => `h${one}.example`) }),
    entry({ hosts: many(256).map((one) => `h${one}.example`) }),
  ],
  ["crd/hosts-star", "error", entry({ hosts: ["*"], resolution: "NONE" }), entry({})],
  [
    "crd/addresses-count",
    "error",
    bare({ addresses: many(257).map((one) => `2001:db8::${one}`) }),
    bare({ addresses: many(256).map((one) => `2001:db8::${one}`) }),
  ],
  ["crd/addresses-length", "error", bare({ addresses: ["1".repeat(65)] }), bare({})],
  [
    "crd/ports-count",
    "error",
    entry({ ports: many(257).map((one) => ({ number: one + 1, name: `p${one}`, protocol: "HTTP" })) }),
    entry({ ports: many(256).map((one) => ({ number: one + 1, name: `p${one}`, protocol: "HTTP" })) }),
  ],
  ["crd/port-names", "error", entry({ ports: [http, { ...http, number: 81 }] }), entry({})],
  ["crd/port-numbers", "error", entry({ ports: [http, { ...http, name: "x" }] }), entry({})],
  ["crd/port-required", "error", entry({ ports: [{ number: 80, protocol: "HTTP" }] }), entry({})],
  ["crd/port-range", "error", entry({ ports: [{ ...http, targetPort: 65536 }] }), entry({})],
  [
    "crd/either",
    "error",
    entry({ workloadSelector: { labels: { a: "b" } }, endpoints: [] }),
    entry({ workloadSelector: { labels: { a: "b" } } }),
  ],
  ["crd/cidr", "error", entry({ addresses: ["203.0.113.7/32"] }), bare({ addresses: ["203.0.113.7/32"] })],
  ["crd/none-endpoints", "error", bare({ endpoints: [] }), bare({})],
  [
    "crd/round-robin",
    "error",
    entry({ resolution: "DNS_ROUND_ROBIN", endpoints: [{ address: "a.example" }, { address: "b.example" }] }),
    entry({ resolution: "DNS_ROUND_ROBIN" }),
  ],
  [
    "crd/endpoints-count",
    "error",
    entry({ endpoints: many(4097).map(() => ({ address: "a.example" })) }),
    entry({ endpoints: [{ address: "a.example" }] }),
  ],
  ["crd/endpoint-place", "error", pinned([{}]), pinned([{ address: "203.0.113.7" }])],
  ["crd/endpoint-unix", "error", pinned([{ address: "unix://run" }]), pinned([{ address: "unix:///run" }])],
  [
    "crd/endpoint-ports-count",
    "error",
    pinned([{ address: "203.0.113.7", ports: Object.fromEntries(many(129).map((one) => [`p${one}`, 1])) }]),
    pinned([{ address: "203.0.113.7" }]),
  ],
  [
    "crd/endpoint-port",
    "error",
    pinned([{ address: "203.0.113.7", ports: { "tcp-5432": 70000 } }]),
    pinned([{ address: "203.0.113.7", ports: { "tcp-5432": 7 } }]),
  ],
  [
    "crd/selector",
    "error",
    entry({ workloadSelector: { labels: { app: "a".repeat(64) } } }),
    entry({ workloadSelector: { labels: { app: "a" } } }),
  ],
  ["crd/type", "error", entry({ resolution: "dns" }), entry({ resolution: "DNS" })],
  ["crd/type", "error", entry({ ports: [{ ...http, number: "80" }] }), entry({})],
  ["crd/unknown", "error", entry({ host: "api.example.com" }), entry({})],
  ["crd/unknown", "error", entry({ ports: [{ ...http, port: 80 }] }), entry({})],
  ["crd/spec", "error", { ...entry({}), spec: null }, entry({})],
  [
    "kube/kind",
    "error",
    { ...entry({}), apiVersion: "networking.istio.io/v2" },
    { ...entry({}), apiVersion: "networking.istio.io/v1beta1" },
  ],
  ["kube/name", "error", entry({}, { name: "API" }), entry({}, { name: "api.v1" })],
  ["kube/name", "error", entry({}, { name: "a".repeat(254) }), entry({}, { name: "a".repeat(253) })],
  ["kube/namespace", "error", entry({}, { namespace: "a.b" }), entry({}, { namespace: "a-b" })],
  [
    "kube/label",
    "error",
    entry({}, { labels: { a: "b c" } }),
    entry({}, { labels: { "app.kubernetes.io/created-by": "x" } }),
  ],
];

describe("what Istio's validation says", () => {
  it.each(istio)("rule %s: %s", (rule, level, bad, good) => {
    expect(admit(bad)).toContainEqual(expect.objectContaining({ rule, level }));
    expect(admit(good).filter((problem) => problem.rule === rule)).toEqual([]);
    expect(errors(admit(good))).toEqual([]);
  });

  it("has a planted fault for every rule that can refuse or warn", () => {
    const all = many(26).map((index) => String(index + 1));
    expect(all.filter((rule) => !istio.some(([planted]) => planted === rule))).toEqual(["19"]);
  });

  it("accepts STATIC without endpoints in silence (rule 19), and DNS with TCP without addresses", () => {
    expect(admit(bare({ resolution: "STATIC" }))).toEqual([]);
    expect(admit(entry({ ports: [tcp] }))).toEqual([]);
  });

  it("asks for addresses where the automatic ones are switched off", () => {
    const off = { labels: { "networking.istio.io/enable-autoallocate-ip": "false" } };
    expect(admit(entry({ ports: [tcp] }, off))).toMatchObject([{ rule: "13", level: "warning" }]);
  });
});

describe("what the API server says", () => {
  it.each(kubernetes)("%s: %s", (rule, level, bad, good) => {
    expect(admit(bad)).toContainEqual(expect.objectContaining({ rule, level }));
    expect(errors(admit(good))).toEqual([]);
  });

  it.each([null, undefined, 7, "x", [], {}, { spec: [] }, { metadata: 1, spec: { hosts: 1, ports: {} } }])(
    "refuses %j",
    (value) => {
      expect(errors(admit(value))).not.toEqual([]);
    },
  );
});
