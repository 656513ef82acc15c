import { describe, expect, it } from "vitest";
import { bare, entry, type Fields, http, linted, pinned, tcp, wild } from "./make.ts";

/** The message of the first problem of a code. */
const said = (code: string, manifest: Fields): string | undefined =>
  linted(manifest).find((one) => one.code === code)?.message;

describe("messages say what is meant", () => {
  it.each([
    ["ES0106", entry({ host: ["a.example"] }), "(is it hosts?)"],
    ["ES0106", entry({ HOSTS: ["a.example"] }), "(is it hosts?)"],
    ["ES0106", entry({ whatever: 1 }), 'no field "whatever" here.'],
    ["ES0107", entry({ exportTo: [null] }), "this is null (YAML reads it so unless it is quoted)"],
    ["ES0107", entry({ hosts: [true] }), "this is true (YAML"],
    ["ES0107", entry({ hosts: [["a"]] }), "it wants text, and this is a list."],
    ["ES0107", entry({ hosts: [{}] }), "this is a mapping."],
    ["ES0107", entry({ ports: [{ ...tcp, number: "80" }] }), 'it wants a whole number, and this is the text "80".'],
    ["ES0107", entry({ ports: [{ ...tcp, number: 80.5 }] }), "it wants a whole number, and this is 80.5."],
    ["ES0202", entry({ hosts: ["203.0.113.7"] }), "an IP address, which belongs into addresses"],
    ["ES0214", wild({ ports: [{ ...http, protocol: "HTTPS" }] }), "; write TLS."],
    ["ES0214", wild({ ports: [tcp] }), "GRPC and TLS alone."],
    ["ES0216", entry({ hosts: ["a.example", "b.example"], ports: [tcp] }), "2 hosts share a port of protocol TCP"],
    [
      "ES0216",
      entry({ hosts: ["a.example", "b.example"], ports: [{ ...tcp, protocol: "" }] }),
      "a port without protocol",
    ],
    [
      "ES0216",
      entry({ hosts: ["a.example", "b.example"], ports: [{ ...tcp, protocol: "\u001b[2J" }] }),
      "a port of protocol \\u001b[2J, on",
    ],
    [
      "KIA1212",
      entry({ ports: [http, { ...http, protocol: "\u001b[2J" }] }),
      "has several protocols (\\u001b[2J, HTTP), here: only one",
    ],
    ["ES0218", entry({ exportTo: ["*", "a"] }), "* (all namespaces)"],
    ["ES0218", entry({ exportTo: ["~", "a"] }), "~ (none)"],
    ["ES0101", entry({}, {}, { apiVersion: "v1" }), 'knows "v1 ServiceEntry"'],
    ["ES0101", entry({}, {}, { apiVersion: { toString: 1 } }), 'knows "(no text) ServiceEntry"'],
    ["ES0406", bare({ addresses: undefined, ports: [http] }), "Host header"],
    [
      "ES0406",
      entry({ hosts: ["*.example.com"], resolution: "NONE" }),
      "SNI reaches any address on port 443; list the names",
    ],
    ["ES0406", entry({ resolution: "NONE" }), "resolution DNS looks the name up itself"],
    ["IST0134", bare({ addresses: undefined }), "port 5432, to whatever address, is taken for this host and passes"],
    ["IST0134", entry({ ports: [tcp] }), "unless the sidecars have DNS capture on"],
    ["IST0134", entry({ ports: [{ ...tcp, protocol: undefined }] }), "every connection that is not HTTP on port 5432"],
  ])("%s %#", (code, manifest, words) => {
    expect(said(code, manifest)).toContain(words);
  });
});

describe("limits of the CRD, to the very number", () => {
  const count = (most: number, field: (count: number) => Fields): [Fields, Fields] => [field(most + 1), field(most)];
  const keys = (count: number): Fields => Object.fromEntries(Array.from({ length: count }, (_, one) => [`p${one}`, 1]));
  const texts = (count: number): Fields => Object.fromEntries(Object.keys(keys(count)).map((key) => [key, "x"]));
  const at = (endpoint: Fields) => pinned([{ address: "203.0.113.7", ...endpoint }]);
  const x = (length: number): string => "x".repeat(length);
  it.each([
    ["spec.ports[0].name", ...count(256, (most) => entry({ ports: [{ ...http, name: x(most) }] }))],
    ["spec.ports[0].protocol", ...count(256, (most) => entry({ ports: [{ ...http, protocol: x(most) }] }))],
    ["spec.endpoints[0].address", ...count(256, (most) => entry({ endpoints: [{ address: x(most) }] }))],
    ["spec.endpoints[0].ports", ...count(128, (most) => at({ ports: keys(most) }))],
    ["spec.endpoints[0].labels", ...count(256, (most) => at({ labels: texts(most) }))],
    ["spec.endpoints[0].network", ...count(2048, (most) => at({ network: x(most) }))],
    ["spec.endpoints[0].locality", ...count(2048, (most) => at({ locality: x(most) }))],
    ["spec.endpoints[0].serviceAccount", ...count(253, (most) => at({ serviceAccount: x(most) }))],
    ["spec.endpoints[0].weight", ...count(4294967295, (weight) => at({ weight }))],
    ["spec.workloadSelector.labels", ...count(256, (most) => entry({ workloadSelector: { labels: texts(most) } }))],
  ])("%s", (path, bad, near) => {
    const limits = (manifest: Fields) =>
      linted(manifest)
        .filter(({ code }) => code === "ES0109")
        .map((one) => one.path);
    expect([limits(bad), limits(near)]).toEqual([[path], []]);
  });

  it("characters are counted, not UTF-16 units", () => {
    expect(linted(entry({ ports: [{ ...http, protocol: "😀".repeat(256) }] })).map(({ code }) => code)).toEqual([
      "ES0205",
    ]);
  });

  it("the name of an endpoint's port has 62 characters at most", () => {
    const named = (length: number) =>
      entry({
        ports: [{ ...http, name: x(length) }],
        endpoints: [{ address: "a.example", ports: { [x(length)]: 1 } }],
      });
    expect([62, 63].map((length) => linted(named(length)).map(({ code }) => code))).toEqual([[], ["ES0121"]]);
  });

  it("a port is 65535 at most, and a label's name 63", () => {
    const ports = (number: number) => linted(entry({ ports: [{ ...http, number }] })).map(({ code }) => code);
    expect([ports(65535), ports(65536), ports(4294967296)]).toEqual([[], ["ES0112"], ["ES0109"]]);
    const labels = (length: number) => linted(at({ labels: { [x(length)]: "y" } })).map(({ code }) => code);
    expect([labels(63), labels(64)]).toEqual([[], ["ES0210"]]);
  });

  it("what cannot be read is said once, and nothing is made of it", () => {
    const odd = entry(
      {
        hosts: [7],
        ports: [{ ...tcp, protocol: 7 }],
        endpoints: [{ address: 7, labels: { a: 7 }, ports: { tcp: "x" } }],
        addresses: [7],
        exportTo: [7],
      },
      { name: 7 },
    );
    expect(new Set(linted(odd).map(({ code }) => code))).toEqual(new Set(["ES0107"]));
    expect(linted(bare({ resolution: 7 })).map(({ code }) => code)).toEqual(["ES0107"]);
    const exact = (manifest: Fields) => linted(manifest).map(({ code, path }) => `${code} ${path}`);
    expect(exact(entry({}, {}, { metadata: [] }))).toEqual(["ES0107 metadata"]);
    expect(exact(pinned([{ address: "db.example", network: 7 }, { network: 7 }]))).toEqual([
      "ES0107 spec.endpoints[0].network",
      "ES0107 spec.endpoints[1].network",
    ]);
    expect(exact(bare({ ports: [{}, {}] }))).toEqual([
      ...[
        "ES0108 spec.ports[0].name",
        "ES0108 spec.ports[0].number",
        "ES0108 spec.ports[1].name",
        "ES0108 spec.ports[1].number",
      ],
    ]);
    expect(exact(bare({ addresses: undefined, ports: [{ ...tcp, protocol: 7 }] }))).toEqual([
      "ES0107 spec.ports[0].protocol",
    ]);
  });
});
