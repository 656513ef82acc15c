/** Manifests around the edges of what a cluster takes: mostly a sound ServiceEntry, with a few fields exchanged. */
import fc from "fast-check";

type Json = unknown;
type Fields = Record<string, Json>;

const pick = <T>(...all: T[]): fc.Arbitrary<T> => fc.constantFrom(...all);
const label63 = "a".repeat(63);

const host = pick(
  ...["api.example.com", "db.example.com", "a.example", "Api.Example.COM", "api.example.com.", "x", "localhost", "123"],
  ...[
    "*",
    "*.example.com",
    "*example.com",
    "*-x.example.com",
    "*.",
    "*.com.",
    "a.*.com",
    "**.example.com",
    "*.1",
    "a*.example.com",
  ],
  ...[
    "203.0.113.7",
    "2001:db8::1",
    "1.2.3",
    "a.1",
    "a.1.",
    "a.99999999999999999999",
    "a.9223372036854775807",
    "a.9223372036854775808",
  ],
  ...[
    "",
    ".",
    "a.",
    "a..example",
    ".a.example",
    "_dmarc.example.com",
    "a_b.example",
    "-a.example",
    "a-.example",
    "a b.example",
  ],
  ...[
    `${label63}.example`,
    `${label63}a.example`,
    `*${label63}.example`,
    `*.${label63}.example`,
    "é.example",
    "xn--e1afmkfd.example",
  ],
  ...[`${"a.".repeat(126)}com`, `${"a.".repeat(127)}a`, `${"a.".repeat(128)}a`, "a.example\n", "ſ.example"],
);

const address = pick(
  ...[
    "203.0.113.7",
    "203.0.113.0/24",
    "203.0.113.7/32",
    "203.0.113.7/33",
    "203.0.113.7/032",
    "203.0.113.7/",
    "0.0.0.0/0",
    "/24",
  ],
  ...[
    "2001:db8::1",
    "2001:db8::/32",
    "::",
    "::1",
    "1::2::3",
    "::ffff:203.0.113.7",
    "1:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7::",
    "::2:3:4:5:6:7:8",
  ],
  ...[
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "fe80::1%eth0",
    "fe80::1%",
    "fe80::1%eth0/64",
    "1.2.3.4%eth0",
    "::ffff:1.2.3.4%e",
  ],
  ...[
    "1:2:3:4:5:6:1.2.3.4",
    "1:2:3:4:5:6:7:1.2.3.4",
    "::1.2.3.4",
    "1.2.3.4::",
    "12345::",
    ":1",
    "1:",
    "g::",
    "1::1.2.3.04",
    "::1.2.3",
    "1:::2",
  ],
  ...[
    "203.0.113.07",
    "203.0.113",
    "203.0.113.256",
    "db.example.com",
    "",
    "[::1]",
    " 203.0.113.7",
    "1".repeat(64),
    "1".repeat(65),
    "a/b/c",
  ],
  ...["2001:DB8::A/128", "2001:db8::/129", "1.2.3.4/-1", "1.2.3.4/+1", "1.2.3.4/1/2", "0x7f.1", "127.1"],
);

const protocol = pick(
  ...[
    "HTTP",
    "HTTPS",
    "TLS",
    "TCP",
    "tcp",
    "GRPC",
    "gRPC-Web",
    "HTTP2",
    "http_proxy",
    "Mongo",
    "MySQL",
    "REDIS",
    "UDP",
    "udp",
  ],
  ...["", "SMTP", "HTTP/2", "HTTP3", "HBONE", "DoubleHBONE", " TCP", "tlſ", "p".repeat(256), "p".repeat(257)],
);
const portName = pick(
  "http",
  "tls",
  "tcp",
  "HTTP",
  "a-b",
  "a_b",
  "",
  "-a",
  "a-",
  "a.b",
  label63.slice(1),
  label63,
  `${label63}a`,
  "é",
  "a".repeat(257),
);
const portNumber = pick<Json>(
  80,
  443,
  5432,
  1,
  65535,
  0,
  65536,
  -1,
  4294967295,
  4294967296,
  80.5,
  "80",
  null,
  true,
  1e21,
);

const anything = pick<Json>(null, 7, "x", true, [], {}, [null], ["x"], { a: "b" }, "");

const port = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      number: pick<Json>(80, 443, 5432, 8080),
      name: pick<Json>("http", "tls", "tcp", "db", "x"),
      protocol,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record(
      { number: portNumber, name: portName, protocol, targetPort: portNumber },
      { requiredKeys: [] },
    ),
  },
  {
    weight: 1,
    arbitrary: pick<Json>(
      null,
      "x",
      {},
      { number: 80, name: "http", port: 80 },
      { number: 80, name: null },
      { number: 80, name: "http", protocol: null, targetPort: null },
    ),
  },
);

const labels = fc.oneof(
  pick<Json>(
    { app: "x" },
    { app: "x" },
    {},
    { "": "x" },
    { "*": "x" },
    { "a*": "x" },
    { app: "*" },
    { app: "a*b" },
    { app: "a".repeat(64) },
  ),
  pick<Json>(
    { app: null },
    { app: 7 },
    { app: "-" },
    { app: "" },
    { "a/b": "c" },
    { "a/b/c": "d" },
    { "A.B/c": "d" },
    { "a_b/c": "d" },
    null,
    "x",
    [],
  ),
  pick<Json>(
    { [`${"a".repeat(253)}/b`]: "c" },
    { [`${"a".repeat(254)}/b`]: "c" },
    { ["a".repeat(63)]: "x" },
    { ["a".repeat(64)]: "x" },
    { "a ": "b" },
  ),
);

const endpointAddress = pick<Json>(
  ...[
    "203.0.113.7",
    "2001:db8::1",
    "fe80::1%eth0",
    "db.example.com",
    "*.example.com",
    "",
    "unix:///run/db",
    "unix://@db",
    "unix://run/db",
  ],
  ...[
    "unix://",
    "unix:///",
    "unix:///run/",
    "unix://@",
    "unix://@x/",
    "UNIX:///run/x",
    "db.example.com.",
    "a_b",
    "123",
    "1.2.3.4/32",
    "a".repeat(257),
  ],
);
const endpointPorts = pick<Json>(
  ...[
    { http: 8080 },
    { tls: 443 },
    { nope: 1 },
    {},
    { http: 0 },
    { http: 65536 },
    { http: -1 },
    { http: "80" },
    { http: null },
    null,
    [],
  ],
  ...[{ [label63]: 1 }, { [label63.slice(1)]: 1 }, { a_b: 1 }, { "": 1 }, { x: 1, db: 2 }],
);
const endpoint = fc.oneof(
  { weight: 5, arbitrary: fc.record({ address: pick<Json>("203.0.113.7", "198.51.100.9", "2001:db8::1") }) },
  {
    weight: 5,
    arbitrary: fc.record(
      { address: endpointAddress, ports: endpointPorts, labels, network: pick<Json>("vpc", "", null) },
      { requiredKeys: [] },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      address: endpointAddress,
      weight: portNumber,
      locality: pick<Json>("a/b", "x".repeat(2049)),
      serviceAccount: pick<Json>("x", "x".repeat(254)),
    }),
  },
  {
    weight: 1,
    arbitrary: pick<Json>(
      null,
      "203.0.113.7",
      {},
      { address: "203.0.113.7", port: 80 },
      { network: "vpc" },
      { address: null, network: "vpc" },
    ),
  },
);

const few = <T>(of: fc.Arbitrary<T>) => fc.array(of, { maxLength: 3 });
const times = (count: number, make: (index: number) => Json): Json =>
  Array.from({ length: count }, (_, index) => make(index));
/** Long lists, at the limits of the CRD. */
const long = {
  hosts: pick<Json>(
    times(256, (one) => `h${one}.example`),
    times(257, (one) => `h${one}.example`),
  ),
  addresses: pick<Json>(
    times(256, (one) => `2001:db8::${one}`),
    times(257, (one) => `2001:db8::${one}`),
  ),
  ports: pick<Json>(
    ...[60, 256, 257].map((count) => times(count, (one) => ({ number: one + 1, name: `p${one}`, protocol: "HTTP" }))),
  ),
};

const specFields = {
  hosts: fc.oneof(
    { weight: 6, arbitrary: fc.array(host, { minLength: 1, maxLength: 2 }) },
    { weight: 1, arbitrary: fc.oneof(few(host), anything, pick<Json>(["a.example", null], ["a.example", 7])) },
  ),
  addresses: fc.oneof(
    { weight: 6, arbitrary: few(address) },
    { weight: 1, arbitrary: fc.oneof(anything, pick<Json>([null], [7])) },
  ),
  ports: fc.oneof({ weight: 8, arbitrary: few(port) }, { weight: 1, arbitrary: anything }),
  location: pick<Json>("MESH_EXTERNAL", "MESH_INTERNAL", "MESH_EXTERNAL", "mesh_external", "", null, 0, 1),
  resolution: pick<Json>(
    "NONE",
    "STATIC",
    "DNS",
    "DNS_ROUND_ROBIN",
    "DYNAMIC_DNS",
    "NONE",
    "STATIC",
    "DNS",
    "dns",
    "",
    null,
    2,
  ),
  endpoints: fc.oneof({ weight: 6, arbitrary: few(endpoint) }, { weight: 1, arbitrary: anything }),
  workloadSelector: fc.oneof(
    { weight: 4, arbitrary: fc.record({ labels }) },
    { weight: 1, arbitrary: fc.oneof(anything, pick<Json>({ matchLabels: { a: "b" } })) },
  ),
  exportTo: fc.oneof(
    {
      weight: 6,
      arbitrary: few(
        pick<Json>(
          ".",
          "*",
          "~",
          "payments",
          "istio-system",
          "Team",
          "a.b",
          "a_b",
          "",
          "default",
          label63,
          `${label63}a`,
        ),
      ),
    },
    { weight: 1, arbitrary: anything },
  ),
  subjectAltNames: fc.oneof(few(host), anything),
  hosst: anything,
  http: pick<Json>(null, []),
};

const metadataFields = {
  name: pick<Json>("api", "api.v1", "a".repeat(253), "a".repeat(254), "API", "", null, 7, "-a", "a..b", "a_b"),
  namespace: pick<Json>("payments", "payments", "a.b", "", null, label63, `${label63}a`, "Payments", 7),
  labels: fc.oneof(
    labels,
    pick<Json>(
      { "networking.istio.io/enable-autoallocate-ip": "false" },
      { "networking.istio.io/enable-autoallocate-ip": "False" },
      { "networking.istio.io/enable-autoallocate-ip": "true" },
      { "istio.io/use-waypoint": "egress" },
      { "istio.io/use-waypoint": "None" },
      { "istio.io/use-waypoint": "" },
    ),
  ),
  annotations: pick<Json>(
    { a: "b" },
    { "A.b/C": "d" },
    { a: 1 },
    { a: null },
    { "a b": "c" },
    null,
    [],
    { a: "x".repeat(262143) },
    { a: "x".repeat(262144) },
  ),
  generateName: pick<Json>("api-", "api", "API-", ""),
  nmae: pick<Json>("x"),
  creationTimestamp: pick<Json>(null, "2026-01-01T00:00:00Z"),
};

/** A sound entry of each resolution, most of which a mutation leaves sound. */
const sound = pick<Fields>(
  {
    hosts: ["api.example.com"],
    ports: [{ number: 443, name: "tls", protocol: "TLS" }],
    location: "MESH_EXTERNAL",
    resolution: "DNS",
  },
  {
    hosts: ["api.example.com"],
    ports: [{ number: 80, name: "http", protocol: "HTTP" }],
    resolution: "DNS_ROUND_ROBIN",
  },
  {
    hosts: ["db.example"],
    addresses: ["203.0.113.7"],
    ports: [{ number: 5432, name: "tcp", protocol: "TCP" }],
    resolution: "NONE",
  },
  {
    hosts: ["db.example"],
    addresses: ["203.0.113.0/24"],
    ports: [{ number: 5432, name: "tcp", protocol: "TCP" }],
    resolution: "STATIC",
    endpoints: [{ address: "203.0.113.7" }],
  },
  { hosts: ["*.example.com"], ports: [{ number: 443, name: "tls", protocol: "TLS" }], resolution: "DYNAMIC_DNS" },
  {
    hosts: ["db.example"],
    ports: [{ number: 5432, name: "tcp" }],
    resolution: "STATIC",
    workloadSelector: { labels: { app: "db" } },
  },
  {
    hosts: ["a.example", "b.example"],
    ports: [{ number: 443, name: "tls", protocol: "HTTPS" }],
    resolution: "DNS",
    exportTo: ["."],
  },
);

const root = fc.oneof(
  { weight: 30, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: pick<Fields>(
      { apiVersion: "networking.istio.io/v1alpha3" },
      { apiVersion: "networking.istio.io/v1beta1" },
      { apiVersion: "networking.istio.io/v2" },
      { spec: null },
      { spec: [] },
      { spec: {} },
      { metadata: null },
      { metadata: [] },
      { status: { addresses: [{ value: "240.240.0.1" }] } },
      { status: 7 },
      { extra: 1 },
      { extra: null },
      { data: {} },
    ),
  },
);

function some(fields: Record<string, fc.Arbitrary<Json>>, most: number): fc.Arbitrary<Fields> {
  return fc
    .uniqueArray(pick(...Object.keys(fields)), { maxLength: most })
    .chain((keys) =>
      fc.record(Object.fromEntries(keys.map((key) => [key, fields[key] as fc.Arbitrary<Json>]))),
    ) as fc.Arbitrary<Fields>;
}

/** Each field sound by itself; together they may not be. */
const mild = fc.record(
  {
    hosts: fc.array(pick("api.example.com", "b.example", "*.example.com", "*x.example", "c.example.", "x"), {
      minLength: 1,
      maxLength: 2,
    }),
    addresses: fc.array(pick("203.0.113.7", "2001:db8::1", "203.0.113.0/24"), { maxLength: 2 }),
    ports: fc.uniqueArray(
      fc.record({
        number: pick(80, 443, 5432),
        name: pick("http", "tls", "tcp"),
        protocol: pick("HTTP", "TLS", "HTTPS", "TCP", "tcp", "", "Mongo", "UDP", "GRPC", "grpc-web"),
      }),
      { maxLength: 2, selector: ({ name }) => name },
    ),
    location: pick("MESH_EXTERNAL", "MESH_INTERNAL"),
    resolution: pick("NONE", "STATIC", "DNS", "DNS_ROUND_ROBIN", "DYNAMIC_DNS"),
    endpoints: fc.array(
      pick<Json>(
        { address: "203.0.113.7" },
        { address: "b.example" },
        { network: "vpc" },
        { address: "unix:///run/x" },
        { address: "203.0.113.8", ports: { http: 1 } },
      ),
      { maxLength: 2 },
    ),
    workloadSelector: pick<Json>({ labels: { app: "x" } }, {}, { labels: {} }),
    exportTo: fc.uniqueArray(pick(".", "*", "~", "payments", "a"), { maxLength: 2 }),
  },
  { requiredKeys: ["hosts"] },
);
const mildMetadata = pick<Fields>(
  {},
  {},
  {},
  { labels: { "networking.istio.io/enable-autoallocate-ip": "False" } },
  { labels: { "istio.io/use-waypoint": "egress" } },
);

/** Plain JSON: no undefined, no NaN. */
export const manifest: fc.Arbitrary<Fields> = fc.oneof(mildManifest(), sharpManifest());

export function mildManifest(): fc.Arbitrary<Fields> {
  return fc.tuple(mild, mildMetadata).map(([spec, metadata]) => ({
    apiVersion: "networking.istio.io/v1",
    kind: "ServiceEntry",
    metadata: { name: "api-example-com", namespace: "payments", ...metadata },
    spec,
  }));
}

function sharpManifest(): fc.Arbitrary<Fields> {
  return fc
    .tuple(
      sound,
      fc.oneof({ weight: 20, arbitrary: some(specFields, 3) }, { weight: 1, arbitrary: some(long, 1) }),
      fc.oneof({ weight: 4, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: some(metadataFields, 2) }),
      root,
    )
    .map(([base, spec, metadata, over]) => ({
      apiVersion: "networking.istio.io/v1",
      kind: "ServiceEntry",
      metadata: { name: "api-example-com", namespace: "payments", ...metadata },
      spec: { ...base, ...spec },
      ...over,
    }));
}
