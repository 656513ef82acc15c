import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { ExistingEntry, Finding, Sighting, Suggestion } from "../../lib/model.ts";
import { type SuggestSettings, suggest } from "../../lib/suggest/suggest.ts";
import { readDocuments } from "../../lib/words/documents.ts";
import { Memory } from "../../lib/words/memory.ts";
import { admitAll } from "./admit-all.ts";
import { finding, grpc, http, name, objects, onlyOne, ports, sighting, source, spec, tcp, tls } from "./make.ts";

interface Written {
  metadata: { name: string; namespace?: string };
  spec: { hosts: string[]; addresses?: string[]; endpoints?: { address: string }[] };
  status?: { addresses: { value: string }[] };
}

/** A file of manifests as what is in force. */
function inForce(text: string, file = "mesh/shop.yaml"): ExistingEntry[] {
  return readDocuments(text).flatMap(({ index, value, fault }) => {
    if (fault !== null) return [];
    const { metadata, spec, status } = value as Written;
    return {
      namespace: metadata.namespace ?? "default",
      name: metadata.name,
      hosts: spec.hosts,
      addresses: [...(spec.addresses ?? []), ...(status?.addresses ?? []).map(({ value }) => value)],
      endpoints: (spec.endpoints ?? []).map(({ address }) => address),
      file,
      text,
      object: { ...Object(value) },
      place: { document: index, item: null },
    };
  });
}

const stripe = "api.stripe.com";
const entry = (lines: string, namespace = "payments") => `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: stripe, namespace: ${namespace} }
spec:
${lines}`;
const https = `  hosts: [${stripe}] # who we pay with
  location: MESH_EXTERNAL
  resolution: DNS
  exportTo: ["."]
  ports:
    - { number: 443, name: https, protocol: HTTPS } # as ever
`;

function answered(
  found: Finding[],
  existing: ExistingEntry[],
  settings: SuggestSettings = {},
  sightings: Sighting[] = [],
) {
  return suggest(found, { memory: new Memory(sightings), settings, existing });
}
const one = (found: Finding, text: string, settings?: SuggestSettings): Suggestion => {
  const [suggestion] = answered([found], inForce(text), settings)[0]!.suggestions;
  if (suggestion === undefined) throw new Error(answered([found], inForce(text), settings)[0]!.noSuggestion ?? "");
  return suggestion;
};
const reason = (found: Finding, text: string) => answered([found], inForce(text))[0]!.noSuggestion;

describe("a host that an entry in force holds, on another port", () => {
  const made = one(finding(tls(stripe, 8443)), entry(https));

  it("has that entry with the port added, and no second one", () => {
    expect(made.manifest).toEqual({
      apiVersion: "networking.istio.io/v1",
      kind: "ServiceEntry",
      metadata: { name: "stripe", namespace: "payments" },
      spec: {
        hosts: [stripe],
        location: "MESH_EXTERNAL",
        resolution: "DNS",
        exportTo: ["."],
        ports: [
          { number: 443, name: "https", protocol: "HTTPS" },
          { number: 8443, name: "tls-8443", protocol: "TLS" },
        ],
      },
    });
    expect(parse(made.yaml, { version: "1.1" })).toEqual(made.manifest);
    expect(answered([finding(tls(stripe, 8443))], inForce(entry(https)))[0]!.suggestions).toHaveLength(1);
  });

  it("comes with the patch for the file, comments kept", () => {
    expect(made.patch).toEqual({
      file: "mesh/shop.yaml",
      diff: `--- mesh/shop.yaml
+++ mesh/shop.yaml
@@ -8,3 +8,4 @@
   exportTo: ["."]
   ports:
     - { number: 443, name: https, protocol: HTTPS } # as ever
+    - { number: 8443, name: tls-8443, protocol: TLS }
`,
    });
  });

  it("says what it does and why, before the evidence", () => {
    expect(made.why.slice(0, 2)).toEqual([
      "Extends payments/stripe in mesh/shop.yaml by port 8443 (TLS): it holds this host already, and one entry for one host is easier to keep right than two.",
      "SNI api.stripe.com seen 12 times from payments/checkout, port 8443.",
    ]);
    expect(made.confidence).toBe("high");
  });

  it("has all ports that it lacks, for each of their findings alike", () => {
    const found = [finding(tls(stripe, 8443)), finding(http(stripe, 80))];
    const all = answered(found, inForce(entry(https)), {}, [sighting(grpc(stripe, 50051))]);
    expect(all.map((each) => ports(onlyOne(each).manifest))).toEqual(
      Array(2).fill(["443 https HTTPS", "80 http-80 HTTP", "8443 tls-8443 TLS", "50051 grpc-50051 GRPC"]),
    );
    expect(onlyOne(all[0]).patch).toEqual(onlyOne(all[1]).patch);
    expect(onlyOne(all[0]).why[0]).toContain("by port 80 (HTTP), port 8443 (TLS), port 50051 (GRPC):");
  });

  it("may be visible from elsewhere, and the namespace's own goes first", () => {
    const shop = entry(https.replace('["."]', "[payments]"), "shop");
    expect(one(finding(tls(stripe, 8443)), shop).why[0]).toBe(
      "Extends shop/stripe in mesh/shop.yaml by port 8443 (TLS): it holds this host already, and an entry of payments itself would hide port 443 of it there.",
    );
    expect(one(finding(tls(stripe, 8443)), shop).warnings.join()).toContain(
      "It is exported to payments: what is added opens for them as well.",
    );
    expect(
      one(finding(tls(stripe, 8443)), `${entry(https.replace('["."]', '["*"]'), "a")}---\n${entry(https)}`).why[0],
    ).toContain("payments/stripe");
    const toAll = entry(https.replace('  exportTo: ["."]\n', ""), "shop");
    expect(one(finding(tls(stripe, 8443)), toAll).warnings.join()).toContain("It is exported to all namespaces");
  });

  it("opens the port of its other hosts, which is said", () => {
    const two = one(finding(tls(stripe, 8443)), entry(https.replace(`[${stripe}]`, `[${stripe}, files.stripe.com]`)));
    expect(two.warnings[0]).toBe("It opens port 8443 of all its 2 hosts.");
    expect(
      admitAll({ ...objects(two.manifest)[0]!, metadata: { name: "stripe", namespace: "payments", labels: {} } }),
    ).toEqual([]);
  });

  it("leaves out what only a cluster writes", () => {
    const live = `apiVersion: networking.istio.io/v1beta1
kind: ServiceEntry
metadata:
  name: stripe
  namespace: payments
  uid: 7f06e439
  resourceVersion: "77"
  generation: 2
  creationTimestamp: "2026-01-01T00:00:00Z"
  managedFields: []
  labels: { team: pay }
  annotations: { note: ours, kubectl.kubernetes.io/last-applied-configuration: "{}" }
spec:
${https}status:
  addresses: [{ value: 240.240.0.7, host: ${stripe} }]
`;
    expect(one(finding(tls(stripe, 8443)), live).manifest).toMatchObject({
      apiVersion: "networking.istio.io/v1beta1",
      metadata: { name: "stripe", namespace: "payments", labels: { team: "pay" }, annotations: { note: "ours" } },
    });
    expect(Object.keys(one(finding(tls(stripe, 8443)), live).manifest)).toEqual([
      "apiVersion",
      "kind",
      "metadata",
      "spec",
    ]);
    expect(
      Object.keys(onlyOne(answered([finding(tls(stripe, 8443))], inForce(live))[0]).manifest.metadata),
    ).toHaveLength(4);
  });

  it("gives the port a name that is free", () => {
    const taken = https.replace("name: https", "name: tls-8443");
    expect(ports(one(finding(tls(stripe, 8443)), entry(taken)).manifest)[1]).toBe("8443 tls-8443-egress TLS");
  });

  it("has the wildcard of its family beside it all the same", () => {
    const three = [stripe, "files.stripe.com", "js.stripe.com"].map((host) => finding(tls(host, 8443)));
    const [made] = answered(three, inForce(entry(https)));
    expect(made!.suggestions.map((each) => spec(each.manifest).hosts[0])).toEqual([stripe, "*.stripe.com"]);
  });
});

describe("raw TCP", () => {
  const address = "203.0.113.7";
  const named = { names: [name(stripe, "service-entry", "confirmed")] };
  const plain = https.replace("443, name: https, protocol: HTTPS", "80, name: http, protocol: HTTP");

  it("brings the addresses that were dialled into an entry of one host", () => {
    const made = one(finding(tcp(address), named), entry(plain));
    expect(spec(made.manifest)).toMatchObject({ addresses: [address] });
    expect(ports(made.manifest)).toEqual(["80 http HTTP", "5432 tcp-5432 TCP"]);
    expect(made.patch?.diff).toContain(`+  addresses:\n+    - "${address}"\n`);
    expect(made.warnings.join()).not.toContain("better add the port there");
    const listed = one(finding(tcp(address), named), entry(`  addresses: ["${address}"]\n${plain}`));
    expect(spec(listed.manifest).addresses).toEqual([address]);
  });

  it("needs none where the mesh answers DNS", () => {
    expect(
      spec(one(finding(tcp(address), named), entry(https), { dnsCapture: true }).manifest).addresses,
    ).toBeUndefined();
  });

  it.each([
    ["raw TCP needs addresses in it, and its TLS would be matched by them", https],
    ["it has several hosts", plain.replace(`[${stripe}]`, `[${stripe}, b.example.com]`)],
  ])("gets its own entry where %s, and a word of the other", (why, text) => {
    const made = one(finding(tcp(address), named), entry(text));
    expect(made.patch).toBeUndefined();
    expect(ports(made.manifest)).toEqual(["5432 tcp-5432 TCP"]);
    expect(made.warnings[0]).toContain("payments/stripe in mesh/shop.yaml holds this host already");
    expect(made.warnings[0]).toContain(why);
    expect(made.warnings.filter((each) => each.includes("holds this host already"))).toHaveLength(1);
  });

  it("to a bare address joins the entry of that address, and of no other besides", () => {
    const bare = (addresses: string, resolution = "NONE") =>
      entry(
        `  hosts: [db.internal.example]\n  addresses: [${addresses}]\n  resolution: ${resolution}\n  ports: [{ number: 5432, name: tcp, protocol: TCP }]\n`,
      );
    const found = finding(tcp(address, 6432));
    expect(ports(one(found, bare(`${address}/32`)).manifest)).toEqual(["5432 tcp TCP", "6432 tcp-6432 TCP"]);
    expect(ports(one(found, bare(address)).manifest)).toHaveLength(2);
    for (const others of [`${address}/32, 203.0.113.8/32`, "203.0.113.0/24", "203.0.113.8"]) {
      expect(one(found, bare(others)).patch).toBeUndefined();
    }
    const literal = finding({ ...tcp(address, 8080), protocol: "http" });
    expect(one(literal, bare(address)).warnings[0]).toContain("with its resolution NONE the Host header alone");
    const served = bare(address, `STATIC\n  endpoints: [{ address: ${address} }]`);
    expect(ports(one(literal, served).manifest)[1]).toBe("8080 http-8080 HTTP");
    expect(reason(literal, bare(address, "STATIC"))).toContain("is STATIC and has no endpoints: 503");
  });
});

describe("no suggestion", () => {
  it("for a port that the entry has: it is in force, and a second one would not help", () => {
    expect(reason(finding(tls(stripe)), entry(https))).toBe(
      "payments/stripe in mesh/shop.yaml holds port 443 of api.stripe.com (HTTPS) already: a second entry would not help. If it is applied and this goes on, Istio does not match it: a Sidecar that hides it, or a client that sends no SNI, are the usual causes.",
    );
    expect(reason(finding(grpc(stripe, 443)), entry(https.replace("HTTPS", "HTTP2")))).toContain("(HTTP2) already");
    expect(reason(finding(tls(stripe)), entry(https.replace(", protocol: HTTPS", "")))).toContain(
      "api.stripe.com already",
    );
  });

  it("for one that speaks another protocol there", () => {
    expect(reason(finding(http(stripe, 443)), entry(https))).toBe(
      "payments/stripe in mesh/shop.yaml has HTTPS on port 443 of api.stripe.com, and plain HTTP was seen on it: one port has one protocol. Change it there if that is what is spoken.",
    );
  });
});

describe("an entry in force is no matter", () => {
  const found = finding(tls(stripe, 8443));
  it.each([
    ["where it is not visible", entry(https, "shop")],
    ["of another host", entry(https.replace(stripe, "api.example.com"))],
    ["that is a wildcard", entry(https.replace(stripe, '"*.stripe.com"').replace("DNS", "NONE"))],
    ["inside the mesh", entry(https.replace("MESH_EXTERNAL", "MESH_INTERNAL"))],
    ["of workloads", entry(`${https}  workloadSelector: { labels: { app: a } }\n`)],
  ])("%s", (_, text) => {
    expect(one(found, text)).toEqual(suggest([found], { memory: new Memory(), settings: {} })[0]!.suggestions[0]);
  });

  it("but is spoken of where its file takes no addition", () => {
    const shared = `${entry(https.replace("  ports:", "  ports: &ports"))}other: *ports\n`;
    expect(one(found, shared).warnings[0]).toMatch(
      /holds this host already and lacks port 8443 \(TLS\), which could not be added here: what was added would change more.*Two entries for one host/,
    );
  });

  it("of another namespace, whose ports an own one would hide, which is said where it has to be an own one", () => {
    const two = entry(https.replace(`[${stripe}]`, `[${stripe}, b.example.com]`).replace('["."]', '["*"]'), "shop");
    const named = { names: [name(stripe, "service-entry", "confirmed")] };
    expect(one(finding(tcp("203.0.113.7"), named), two).warnings[0]).toContain(
      "Mind that an entry of payments itself would hide port 443 of it there.",
    );
  });

  it("may be an item of a list", () => {
    const items = entry(https).replaceAll(/^/gm, "    ").replace("    api", "  - api");
    const text = `apiVersion: v1\nkind: List\nitems:\n${items.trimEnd()}\n`;
    const [whole] = inForce(entry(https));
    const listed = { ...whole!, text, place: { document: 0, item: 0 } };
    const made = answered([found], [listed])[0]!.suggestions[0];
    expect(ports(made!.manifest)).toEqual(["443 https HTTPS", "8443 tls-8443 TLS"]);
    expect(made?.patch?.diff).toContain("+        - { number: 8443, name: tls-8443, protocol: TLS }\n");
  });

  it("may be an item that leaves out its version, as a ServiceEntryList lets it", () => {
    const text = entry(https).replace("apiVersion: networking.istio.io/v1\n", "");
    const [whole] = inForce(entry(https));
    const made = answered([found], [{ ...whole!, text }])[0]!.suggestions[0];
    expect(made?.manifest).toMatchObject({ apiVersion: "networking.istio.io/v1", kind: "ServiceEntry" });
  });

  it("keeps what a port took from another by <<", () => {
    const [first, ...rest] = https.split("- {");
    const text = entry(`${first}- &tls {${rest.join("- {")}    - { <<: *tls, number: 9443, name: more }\n`);
    expect(ports(one(found, text).manifest)).toEqual(["443 https HTTPS", "9443 more HTTPS", "8443 tls-8443 TLS"]);
  });

  it("and broken or moved files are passed over", () => {
    const [moved] = inForce(entry(https));
    for (const text of ["a: [", "", "x: 1\n"]) {
      expect(onlyOne(answered([found], [{ ...moved!, text }])[0]).patch).toBeUndefined();
    }
  });
});

describe("a file", () => {
  const found = finding(tls(stripe, 8443));

  it("is read as kubectl reads it: 0443 is 291", () => {
    const { manifest } = one(found, entry(https.replace("number: 443", "number: 0443")));
    expect(ports(manifest)).toEqual(["291 https HTTPS", "8443 tls-8443 TLS"]);
  });

  it("that is a stream of JSON objects has a manifest and no patch", () => {
    const json = [parse(entry(https)), parse(entry("  hosts: [x.example]"))]
      .map((each) => JSON.stringify(each))
      .join("\n");
    const { manifest, patch, why } = one(found, json);
    expect(ports(manifest)).toEqual(["443 https HTTPS", "8443 tls-8443 TLS"]);
    expect(why[0]).toMatch(/^Extends payments\/stripe/);
    expect(patch).toBeUndefined();
  });

  it("of which one document is broken has a manifest, and a patch where the others are found", () => {
    const before = one(found, `a: [\n---\n${entry(https)}`);
    expect(ports(before.manifest)).toEqual(["443 https HTTPS", "8443 tls-8443 TLS"]);
    const after = one(found, `${entry(https)}---\na: {\n`);
    expect(ports(after.manifest)).toEqual(["443 https HTTPS", "8443 tls-8443 TLS"]);
    expect(after.patch?.diff).toContain("+    - { number: 8443, name: tls-8443, protocol: TLS }");
  });
});

describe("HTTP/2", () => {
  const told = entry(https.replace("HTTPS", "HTTP2"), "shop");
  it("is what an entry of another namespace says of a port that Istio counts as HTTP", () => {
    expect(ports(one(finding(http(stripe, 443)), told).manifest)).toEqual(["443 http2-443 HTTP2"]);
    expect(admitAll(one(finding(http(stripe, 443)), told).manifest)).toEqual([]);
  });

  it("is nothing for other ports, or for what is no HTTP", () => {
    expect(ports(one(finding(http(stripe, 80)), told).manifest)).toEqual(["80 http-80 HTTP"]);
    expect(ports(one(finding(tls(stripe, 443)), told).manifest)).toEqual(["443 tls-443 TLS"]);
    expect(ports(one(finding(grpc(stripe, 443)), told).manifest)).toEqual(["443 grpc-443 GRPC"]);
  });
});

describe("a host of the same domain on the same port", () => {
  const files = "files.stripe.com";
  const joining = (found: Finding, text: string) =>
    answered([found], inForce(text))[0]!.suggestions.find((each) => each.patch !== undefined) ?? null;

  it("may join the namespace's entry, after its own", () => {
    const [made] = answered([finding(tls(files))], inForce(entry(https)));
    expect(onlyOne(made).manifest.metadata.name).toMatch(/^files-stripe-com-/);
    const join = made!.suggestions[1]!;
    expect(spec(join.manifest)).toMatchObject({ hosts: [stripe, files], ports: [{ number: 443 }] });
    expect(join.patch?.diff).toContain(
      `-  hosts: [${stripe}] # who we pay with\n+  hosts: [${stripe}, ${files}] # who we pay with\n`,
    );
    expect(join.why).toEqual([
      "payments/stripe in mesh/shop.yaml holds api.stripe.com of stripe.com with the same port: files.stripe.com can join it.",
      "Covers 1 of 1 flows seen, conflicts: none.",
    ]);
    expect([join.confidence, join.warnings]).toEqual(["medium", []]);
  });

  it("is told of ports that it would open besides", () => {
    const more = entry(`${https}    - { number: 80, name: http, protocol: HTTP }\n`);
    expect(joining(finding(tls(files)), more)?.warnings).toEqual([
      "It opens port 80 of files.stripe.com as well, which was not seen.",
    ]);
  });

  it.each([
    ["of another namespace", entry(https, "shop")],
    ["of a wildcard", entry(https.replace(stripe, '"*.stripe.com"').replace("DNS", "NONE"))],
    ["of hosts of several domains", entry(https.replace(`[${stripe}]`, `[${stripe}, a.example.com]`))],
    ["with addresses", entry(`${https}  addresses: ["203.0.113.7"]\n`)],
    ["with endpoints", entry(`${https}  endpoints: [{ address: "203.0.113.7" }]\n`)],
    ["that goes where the workload dialled", entry(https.replace("DNS", "NONE"))],
    ["on another port", entry(https.replace("443", "8443"))],
    ["with another protocol", entry(https.replace("HTTPS", "HTTP"))],
    ["with raw TCP", entry(`${https}    - { number: 5432, name: tcp, protocol: TCP }\n`)],
  ])("does not join an entry %s", (_, text) => {
    expect(joining(finding(tls(files)), text)).toBeNull();
  });

  it("does not join what is everybody's", () => {
    const shared = entry(https.replace(stripe, "a.github.io"));
    expect(joining(finding(tls("b.github.io")), shared)).toBeNull();
  });
});

it("reads a file once, however many findings it matters to", () => {
  const text = Array.from({ length: 300 }, (_, index) => entry(https.replace(stripe, `h${index}.example.com`))).join(
    "---\n",
  );
  const entries = inForce(text);
  const found = Array.from({ length: 100 }, (_, index) =>
    finding(tls(`h${index * 3}.example.com`, 8443), { source: source() }),
  );
  const made = answered(found, entries);
  expect(made.every(({ suggestions }) => suggestions[0]?.patch !== undefined)).toBe(true);
});
