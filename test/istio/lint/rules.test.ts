import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { codes as table } from "../../../lib/istio/lint/codes.ts";
import { bare, codes, entry, type Fields, http, linted, pinned, tcp, tls, wild } from "./make.ts";

const many = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const at = (address: string, more: Fields = {}): Fields[] => [{ address, ...more }];
const label63 = "a".repeat(63);
const waypoint = { labels: { "istio.io/use-waypoint": "egress" } };
const selector = (labels: unknown): Fields => ({ workloadSelector: { labels } });

/** What fires, where, and a near miss that is accepted without this code. */
type Case = [fires: string, bad: Fields, near: Fields];

const apiServer: Case[] = [
  [
    "ES0101 apiVersion",
    entry({}, {}, { apiVersion: "networking.istio.io/v2" }),
    entry({}, {}, { apiVersion: "networking.istio.io/v1beta1" }),
  ],
  [
    "ES0101 apiVersion",
    entry({}, {}, { apiVersion: "v1" }),
    entry({}, {}, { apiVersion: "networking.example.com/v1" }),
  ],
  ["ES0101 kind", entry({}, {}, { kind: "Serviceentry" }), entry({}, {}, { kind: "WorkloadEntry" })],
  ["ES0102 metadata.name", entry({}, { name: "API" }), entry({}, { name: "api.v1" })],
  ["ES0102 metadata.name", entry({}, { name: "a".repeat(254) }), entry({}, { name: "a".repeat(253) })],
  ["ES0102 metadata.name", entry({}, { name: null }), entry({}, { name: null, generateName: "api-" })],
  ["ES0102 metadata.name", entry({}, {}, { metadata: undefined }), entry()],
  ["ES0102 metadata.generateName", entry({}, { generateName: "-api" }), entry({}, { generateName: "api-" })],
  ["ES0103 metadata.namespace", entry({}, { namespace: "a.b" }), entry({}, { namespace: "a-b" })],
  ["ES0103 metadata.namespace", entry({}, { namespace: `${label63}a` }), entry({}, { namespace: label63 })],
  ["ES0104 metadata.labels.a", entry({}, { labels: { a: "b c" } }), entry({}, { labels: { a: "b" } })],
  ['ES0104 metadata.labels["a/b/c"]', entry({}, { labels: { "a/b/c": "d" } }), entry({}, { labels: { "a/b": "c" } })],
  [
    'ES0105 metadata.annotations["a b"]',
    entry({}, { annotations: { "a b": "c" } }),
    entry({}, { annotations: { "A.b/C": "d e" } }),
  ],
  [
    "ES0105 metadata.annotations",
    entry({}, { annotations: { a: "x".repeat(262_144) } }),
    entry({}, { annotations: { a: "x".repeat(262_143) } }),
  ],
  ["ES0106 spec.host", entry({ host: "a.example" }), entry()],
  [
    "ES0106 spec.ports[0].port",
    entry({ ports: [{ ...tls, port: 443 }] }),
    entry({ ports: [{ ...tls, targetPort: 8443 }] }),
  ],
  ["ES0106 metadata.nmae", entry({}, { nmae: "x" }), entry({}, { creationTimestamp: null })],
  ["ES0106 data", entry({}, {}, { data: 1 }), entry({}, {}, { status: { anything: 1 } })],
  [
    "ES0106 spec.workloadSelector.matchLabels",
    entry({ workloadSelector: { matchLabels: { a: "b" } } }),
    entry(selector({ a: "b" })),
  ],
  ["ES0107 spec.ports[0].number", entry({ ports: [{ ...tls, number: "443" }] }), entry()],
  ["ES0107 spec.exportTo[0]", entry({ exportTo: [null] }), entry({ exportTo: ["~"] })],
  ["ES0107 spec.hosts", entry({ hosts: "api.example.com" }), entry()],
  ["ES0107 spec.ports[0]", entry({ ports: [null] }), entry({ ports: [{ ...tls, targetPort: null }] })],
  ["ES0107 spec.endpoints[0]", entry({ endpoints: [null] }), entry({ endpoints: null })],
  ["ES0107 metadata.labels.a", entry({}, { labels: { a: true } }), entry({}, { labels: { a: "true" } })],
  ["ES0107 spec", entry({}, {}, { spec: [] }), entry()],
  ["ES0108 spec", entry({}, {}, { spec: null }), entry()],
  ["ES0108 spec.hosts", entry({ hosts: null }), entry()],
  ["ES0108 spec.ports[0].name", entry({ ports: [{ number: 443, protocol: "TLS" }] }), entry()],
  ["ES0108 spec.ports[0].number", entry({ ports: [{ name: "tls", protocol: "TLS" }] }), entry()],
  [
    "ES0109 spec.hosts",
    entry({ hosts: many(257).map((one) => `h${one}.example`) }),
    entry({ hosts: many(256).map((one) => `h${one}.example`) }),
  ],
  ["ES0109 spec.addresses[0]", bare({ addresses: ["1".repeat(65)] }), bare()],
  [
    "ES0109 spec.addresses",
    bare({ addresses: many(257).map((one) => `2001:db8::${one}`) }),
    bare({ addresses: many(256).map((one) => `2001:db8::${one}`) }),
  ],
  [
    "ES0109 spec.ports",
    entry({ ports: many(257).map((one) => ({ number: one + 1, name: `p${one}`, protocol: "HTTP" })) }),
    entry({ ports: many(256).map((one) => ({ number: one + 1, name: `p${one}`, protocol: "HTTP" })) }),
  ],
  [
    "ES0109 spec.endpoints",
    entry({ endpoints: many(4097).map(() => ({ address: "a.example" })) }),
    entry({ endpoints: many(4096).map(() => ({ address: "a.example" })) }),
  ],
  ["ES0109 spec.ports[0].number", entry({ ports: [{ ...tls, number: -1 }] }), entry()],
  ["ES0109 spec.workloadSelector.labels.a", entry(selector({ a: `${label63}a` })), entry(selector({ a: label63 }))],
  ["ES0110 spec.resolution", entry({ resolution: "dns" }), entry()],
  ["ES0110 spec.location", entry({ location: "EXTERNAL" }), entry({ location: "MESH_INTERNAL" })],
  ["ES0111 spec.hosts", entry({ hosts: [] }), entry()],
  ["ES0111 spec.hosts[0]", bare({ hosts: ["*"] }), bare({ hosts: ["*.example.com"] })],
  [
    "ES0112 spec.ports[0].number",
    entry({ ports: [{ ...tls, number: 65536 }] }),
    entry({ ports: [{ ...tls, number: 65535 }] }),
  ],
  ["ES0112 spec.ports[0].number", entry({ ports: [{ ...tls, number: 0 }] }), entry({ ports: [{ ...tls, number: 1 }] })],
  [
    "ES0112 spec.ports[0].targetPort",
    entry({ ports: [{ ...tls, targetPort: 0 }] }),
    entry({ ports: [{ ...tls, targetPort: 1 }] }),
  ],
  [
    "ES0112 spec.endpoints[0].ports.tcp",
    pinned(at("203.0.113.7", { ports: { tcp: 65536 } })),
    pinned(at("203.0.113.7", { ports: { tcp: 1 } })),
  ],
  ["ES0113 spec.ports[1].name", entry({ ports: [tls, { ...http, name: "tls" }] }), entry({ ports: [tls, http] })],
  ["ES0114 spec.ports[1].number", entry({ ports: [tls, { ...http, number: 443 }] }), entry({ ports: [tls, http] })],
  ["ES0115 spec.addresses[0]", entry({ addresses: ["203.0.113.7/32"] }), entry({ addresses: ["203.0.113.7"] })],
  ["ES0116 spec.endpoints", pinned([], selector({ app: "x" })), pinned(null, selector({ app: "x" }))],
  ["ES0117 spec.endpoints", bare({ endpoints: [] }), bare({ endpoints: null })],
  ["ES0117 spec.endpoints", bare({ endpoints: at("203.0.113.7"), resolution: undefined }), pinned(at("203.0.113.7"))],
  [
    "ES0118 spec.endpoints",
    entry({ resolution: "DNS_ROUND_ROBIN", endpoints: [...at("a.example"), ...at("b.example")] }),
    entry({ resolution: "DNS_ROUND_ROBIN", endpoints: at("a.example") }),
  ],
  ["ES0119 spec.endpoints[0]", pinned([{}]), pinned([{ network: "vpc" }])],
  ["ES0120 spec.endpoints[0].address", pinned(at("unix://run/db")), pinned(at("unix:///run/db"))],
  ["ES0120 spec.endpoints[0].address", pinned(at("unix:///run/")), pinned(at("unix://@db"))],
  [
    "ES0120 spec.endpoints[0].ports",
    pinned(at("unix:///run/db", { ports: {} })),
    pinned(at("unix:///run/db", { ports: null })),
  ],
  [
    "ES0121 spec.endpoints[0].ports.a_b",
    pinned(at("203.0.113.7", { ports: { a_b: 1 } }), { ports: [{ ...tcp, name: "a_b" }] }),
    pinned(at("203.0.113.7", { ports: { tcp: 1 } })),
  ],
  ["ES0122 spec.workloadSelector.labels.app", entry(selector({ app: "a*" })), entry(selector({ app: "a" }))],
];

const istiod: Case[] = [
  ['ES0201 spec.workloadSelector.labels["a*"]', entry(selector({ "a*": "b" })), entry(selector({ a: "b" }))],
  ['ES0201 spec.workloadSelector.labels[""]', entry(selector({ "": "b" })), entry(selector({ a: "" }))],
  ["ES0202 spec.hosts[0]", entry({ hosts: ["203.0.113.7"] }), entry({ hosts: ["ip-203-0-113-7.example"] })],
  ["ES0202 spec.hosts[0]", entry({ hosts: ["_dmarc.example.com"] }), entry({ hosts: ["dmarc.example.com"] })],
  ["ES0202 spec.hosts[0]", entry({ hosts: [`${label63}a.example`] }), entry({ hosts: [`${label63}.Example`] })],
  ["ES0202 spec.hosts[0]", entry({ hosts: ["a..example"] }), entry({ hosts: ["a.b.example"] })],
  ["ES0202 spec.hosts[0]", bare({ hosts: ["a.*.example"] }), bare({ hosts: ["*.a.example"] })],
  ["ES0202 spec.hosts[0]", entry({ hosts: [`${"a.".repeat(127)}com`] }), entry({ hosts: [`${"a.".repeat(126)}com`] })],
  ["ES0202 spec.hosts[0]", entry({ hosts: ["a.9223372036854775807"] }), entry({ hosts: ["a.9223372036854775808"] })],
  ["ES0203 spec.addresses[0]", bare({ addresses: ["db.example.com"] }), bare({ addresses: ["2001:db8::1"] })],
  ["ES0203 spec.addresses[0]", bare({ addresses: ["203.0.113.7/33"] }), bare({ addresses: ["203.0.113.7/32"] })],
  ["ES0203 spec.addresses[0]", bare({ addresses: ["203.0.113.07"] }), bare({ addresses: ["::ffff:203.0.113.7"] })],
  ["ES0203 spec.addresses[0]", bare({ addresses: ["fe80::1%"] }), bare({ addresses: ["fe80::1%eth0"] })],
  [
    "ES0204 spec.ports[0].name",
    entry({ ports: [{ ...tls, name: "tls_443" }] }),
    entry({ ports: [{ ...tls, name: "TLS-443" }] }),
  ],
  [
    "ES0204 spec.ports[0].name",
    entry({ ports: [{ ...tls, name: `${label63}a` }] }),
    entry({ ports: [{ ...tls, name: label63 }] }),
  ],
  [
    "ES0205 spec.ports[0].protocol",
    entry({ ports: [{ ...http, protocol: "SMTP" }] }),
    entry({ ports: [{ ...http, protocol: "gRPC-Web" }] }),
  ],
  ["ES0206 spec.endpoints[0].address", pinned(at("db.example.com")), pinned(at("2001:db8::1"))],
  ["ES0206 spec.endpoints[0].address", pinned(at("")), pinned(at("203.0.113.7"))],
  [
    "ES0207 spec.endpoints[0].address",
    entry({ endpoints: at("unix:///run/x") }),
    entry({ endpoints: at("203.0.113.7") }),
  ],
  [
    "ES0207 spec.endpoints[0].address",
    entry({ endpoints: at("*.example.com") }),
    entry({ endpoints: at("a.example.com") }),
  ],
  [
    "ES0208 spec.endpoints[0].ports.https",
    pinned(at("203.0.113.7", { ports: { https: 1 } })),
    pinned(at("203.0.113.7", { ports: { tcp: 1 } })),
  ],
  [
    "ES0208 spec.endpoints[0].ports.x",
    entry({ endpoints: at("a.example", { ports: { x: 1 } }) }),
    entry({ endpoints: at("a.example", { ports: { tls: 1 } }) }),
  ],
  ["ES0209 spec.ports", pinned(at("unix:///run/db"), { ports: [tcp, tls] }), pinned(at("unix:///run/db"))],
  [
    "ES0210 spec.endpoints[0].labels.app",
    pinned(at("203.0.113.7", { labels: { app: "-" } })),
    pinned(at("203.0.113.7", { labels: { app: "a".repeat(64) } })),
  ],
  [
    "ES0211 spec.hosts[0]",
    entry({ hosts: ["*.example.com"] }),
    entry({ hosts: ["*.example.com"], endpoints: at("a.example.com") }),
  ],
  ["ES0211 spec.hosts[0]", entry({ hosts: ["123"] }), entry({ hosts: ["x123"] })],
  ["ES0212 spec.hosts[0]", wild({ hosts: ["a.example.com"] }), wild()],
  ["ES0213 spec.addresses", wild({ addresses: ["203.0.113.7"] }), wild({ addresses: [] })],
  ["ES0213 spec.endpoints", wild({ endpoints: at("203.0.113.7") }), wild({ endpoints: [] })],
  ["ES0214 spec.ports[0].protocol", wild({ ports: [{ ...tls, protocol: "HTTPS" }] }), wild()],
  [
    "ES0214 spec.ports[0].protocol",
    wild({ ports: [{ ...http, protocol: undefined }] }),
    wild({ ports: [{ ...http, protocol: "http2" }] }),
  ],
  ["ES0215 spec.location", wild({ location: "MESH_INTERNAL" }, waypoint), wild({}, waypoint)],
  [
    "ES0215 spec.location",
    wild({ location: "MESH_INTERNAL" }, waypoint),
    wild({ location: "MESH_INTERNAL" }, { labels: { "istio.io/use-waypoint": "None" } }),
  ],
  [
    "ES0216 spec.ports[0].protocol",
    entry({ hosts: ["a.example", "b.example"], ports: [tcp] }),
    entry({ hosts: ["a.example", "b.example"] }),
  ],
  [
    "ES0216 spec.ports[0].protocol",
    entry({ hosts: ["a.example", "b.example"], ports: [tcp] }),
    bare({ hosts: ["a.example", "b.example"] }),
  ],
  ["ES0217 spec.exportTo[1]", entry({ exportTo: [".", "payments"] }), entry({ exportTo: [".", "istio-system"] })],
  ["ES0218 spec.exportTo", entry({ exportTo: ["*", "other"] }), entry({ exportTo: ["*"] })],
  ["ES0218 spec.exportTo", entry({ exportTo: ["~", "."] }), entry({ exportTo: ["~"] })],
  ["ES0219 spec.exportTo[0]", entry({ exportTo: ["a_b"] }), entry({ exportTo: ["Team"] })],
  ["ES0301 spec.workloadSelector", entry(selector({})), entry(selector({ app: "x" }))],
  ["ES0302 spec.hosts[0]", bare({ hosts: ["*foo.com"] }), bare({ hosts: ["*.foo.com"] })],
  ["ES0302 spec.hosts[0]", bare({ hosts: ["*-x.foo.com"] }), wild({ hosts: ["*-x.foo.com"] })],
  ["ES0303 spec.workloadSelector", bare(selector({ app: "x" })), pinned(null, selector({ app: "x" }))],
  ["ES0304 spec.endpoints[0].address", pinned([{ network: "vpc" }]), pinned(at("203.0.113.7", { network: "vpc" }))],
  [
    "ES0305 spec.ports[0]",
    entry({ hosts: ["a.example", "b.example"], addresses: ["203.0.113.7"] }),
    entry({ addresses: ["203.0.113.7"] }),
  ],
];

const traps: Case[] = [
  ["IST0134 spec.ports[0].protocol", bare({ addresses: undefined }), bare()],
  [
    "IST0134 spec.ports[0].protocol",
    entry({ ports: [{ ...tcp, protocol: "tcp" }] }),
    entry({ ports: [{ ...tcp, protocol: "tcp" }] }, {}, { status: { addresses: [{ value: "240.240.0.1" }] } }),
  ],
  ["IST0134 spec.ports[0].protocol", entry({ ports: [{ number: 9000, name: "any" }] }), entry({ ports: [http] })],
  ["ES0401 spec.endpoints", pinned(undefined), pinned(at("203.0.113.7"))],
  ["ES0401 spec.endpoints", pinned([]), pinned(undefined, selector({ app: "db" }))],
  [
    "ES0402 spec.ports[0].protocol",
    entry({ ports: [{ ...tcp, protocol: "MySQL" }] }),
    entry({ ports: [{ ...tcp, protocol: "MySQL" }], addresses: ["203.0.113.7"] }),
  ],
  ["ES0404 spec.hosts[0]", entry({ hosts: ["api.example.com."] }), entry()],
  ["ES0405 spec.exportTo", entry({ exportTo: undefined }), entry({ exportTo: ["*"] })],
  ["ES0405 spec.exportTo", entry({ exportTo: [] }), entry({ exportTo: ["."] })],
  [
    "ES0406 spec.resolution",
    entry({ hosts: ["*.example.com"], resolution: "NONE" }),
    entry({ hosts: ["*.example.com"], resolution: "NONE", addresses: ["203.0.113.0/24"] }),
  ],
  ["ES0406 spec.resolution", entry({ ports: [http], resolution: "NONE" }), entry({ ports: [http] })],
  ["ES0407 spec.resolution", entry({ resolution: undefined }), entry({ resolution: "NONE" })],
  ["ES0408 spec.ports[0].protocol", entry({ ports: [{ ...http, protocol: "UDP" }] }), entry()],
  ["ES0409 spec.ports", entry({ ports: [] }), entry()],
  ["ES0409 spec.ports", entry({ ports: undefined }), entry()],
];

/** Those that need two documents are in across.test.ts, those of YAML in documents.test.ts. */
const elsewhere = ["ES0001", "ES0002", "ES0003", "ES0403", "ES0410", "IST0177", "KIA1211", "KIA1212"];

describe.each([
  ["the API server", apiServer],
  ["istiod", istiod],
  ["traps and analyzers", traps],
])("%s", (_, cases) => {
  it.each(cases)("%s", (fires, bad, near) => {
    expect(codes(bad)).toContain(fires);
    const [code = ""] = fires.split(" ");
    expect(codes(near).filter((one) => one.startsWith(code))).toEqual([]);
    expect(linted(near).filter(({ level }) => level === "error")).toEqual([]);
  });
});

describe("the table of codes", () => {
  it("has a case for each, and no other level or speaker is ever said", () => {
    const fired = new Set([...apiServer, ...istiod, ...traps].map(([fires]) => fires.split(" ")[0]));
    expect(Object.keys(table).filter((code) => !fired.has(code) && !elsewhere.includes(code))).toEqual([]);
    for (const problem of [...apiServer, ...istiod, ...traps].flatMap(([, bad]) => linted(bad))) {
      expect(problem.level).toBe(table[problem.code].level);
      if (problem.code !== "IST0134") expect(problem.by).toBe(table[problem.code].by);
    }
  });

  it("is that of docs/lint.md", () => {
    const page = readFileSync(new URL("../../../docs/lint.md", import.meta.url), "utf8");
    const rows = [...page.matchAll(/^\| ((?:ES|IST|KIA)\d{4}) \| (\w+) \| ([^|]+) \|/gm)].map(([, ...cells]) => cells);
    const wanted = Object.entries(table).map(([code, { level, by }]) => [
      code,
      level,
      code === "IST0134" ? "istiod or istioctl" : by,
    ]);
    expect(rows).toEqual(wanted);
  });

  it("a sound entry of every kind is passed without a word", () => {
    for (const one of [entry(), bare(), pinned(at("203.0.113.7")), wild(), entry({ ports: [tls, http] })])
      expect(codes(one)).toEqual([]);
  });

  it("IST0134 is istiod's own where it would not allocate an address, else only istioctl's", () => {
    const by = (manifest: Fields) => linted(manifest).map((one) => one.by);
    expect(by(bare({ addresses: undefined }))).toEqual(["istiod"]);
    expect(by(entry({ ports: [tcp] }))).toEqual(["istioctl"]);
    expect(by(entry({ ports: [tcp] }, { labels: { "networking.istio.io/enable-autoallocate-ip": "False" } }))).toEqual([
      "istiod",
    ]);
    expect(by(bare({ addresses: undefined, ports: [{ ...tcp, protocol: "tcp" }] }))).toEqual(["istioctl"]);
  });

  it("every message is one printable sentence, whatever the manifest holds", () => {
    const hostile = '\u001b[31m<b>`&"\\\n\u202e';
    const bad = entry(
      {
        hosts: [hostile],
        addresses: [hostile],
        [hostile]: 1,
        exportTo: [hostile],
        ports: [{ number: 1, name: hostile, protocol: hostile }],
      },
      { name: hostile, namespace: hostile, labels: { [hostile]: hostile }, annotations: { [hostile]: hostile } },
    );
    for (const { message, path } of [...linted(bad), ...linted(...[1, 2].map(() => bad))]) {
      expect(message).toMatch(/^[\x20-\x7e]+\.$/);
      expect(path).toMatch(/^[\x20-\x7e]*$/);
    }
  });
});
