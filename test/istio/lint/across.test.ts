import { describe, expect, it } from "vitest";
import { bare, codes, entry, type Fields, http, linted, tcp, tls } from "./make.ts";

/** Named a, b, c…, each with what is laid over a sound entry. */
const several = (...specs: Fields[]): Fields[] =>
  specs.map((spec, index) => entry(spec, { name: String.fromCharCode(97 + index) }));
const plain = { ...tls, protocol: "HTTP" };

describe("one host and port twice", () => {
  it("KIA1211 on each, where some namespace sees both", () => {
    expect(codes(...several({}, {}))).toEqual(["KIA1211 0 spec.ports[0]", "KIA1211 1 spec.ports[0]"]);
    expect(linted(...several({}, {}))[0]).toMatchObject({
      level: "warning",
      by: "kiali",
      message: expect.stringContaining("payments/b"),
    });
  });

  it("in any case of the protocol, and with several ports on the one that is shared", () => {
    expect(codes(...several({ ports: [http, tls] }, { ports: [{ ...tls, protocol: "tls" }] }))).toEqual([
      "KIA1211 0 spec.ports[1]",
      "KIA1211 1 spec.ports[0]",
    ]);
  });

  it("twice in one entry", () => {
    expect(codes(entry({ hosts: ["a.example", "a.example"] }))).toEqual(["KIA1211 spec.ports[0]"]);
  });

  it("not on other ports, of other hosts, or in namespaces that do not see each other", () => {
    expect(codes(...several({ ports: [http] }, {}))).toEqual([]);
    expect(codes(...several({}, { hosts: ["b.example"] }))).toEqual([]);
    expect(codes(entry(), entry({}, { namespace: "orders" }))).toEqual([]);
    expect(codes(entry({ exportTo: ["a", "b"] }), entry({ exportTo: ["c"] }, { name: "b" }))).toEqual([]);
  });

  it("but where one is for all, and where both are for a third", () => {
    expect(codes(entry({ exportTo: ["*"] }), entry({}, { namespace: "orders" }))).toHaveLength(2);
    expect(codes(entry({ exportTo: ["*"] }), entry({ exportTo: ["*"] }, { namespace: "orders" }))).toHaveLength(2);
    expect(codes(entry({ exportTo: ["a", "c"] }), entry({ exportTo: ["c"] }, { namespace: "orders" }))).toHaveLength(2);
  });
});

describe("one host and port with two protocols", () => {
  it("IST0177 once for an entry, KIA1212 on each port", () => {
    expect(codes(...several({ ports: [http, tls] }, { ports: [{ ...http, protocol: "GRPC" }, plain] }))).toEqual([
      "IST0177 0 spec.ports[0].protocol",
      "KIA1212 0 spec.ports[0]",
      "KIA1212 0 spec.ports[1]",
      "IST0177 1 spec.ports[0].protocol",
      "KIA1212 1 spec.ports[0]",
      "KIA1212 1 spec.ports[1]",
    ]);
  });

  it("only for those that meet: three namespaces, two of which do", () => {
    const [a, b, c] = [
      entry({ exportTo: ["x"] }),
      entry({ exportTo: ["x", "y"], ports: [plain] }, { name: "b" }),
      entry({ exportTo: ["z"], ports: [plain] }, { name: "c" }),
    ];
    expect(codes(a, b, c).map((one) => one.slice(0, 9))).toEqual(["IST0177 0", "KIA1212 0", "IST0177 1", "KIA1212 1"]);
  });

  it("left out is a protocol of its own", () => {
    const [, , said] = linted(...several({}, { ports: [{ ...tls, protocol: undefined }], addresses: ["203.0.113.7"] }));
    expect(said).toMatchObject({ code: "IST0177", message: expect.stringContaining("(none, TLS)") });
  });
});

describe("two TCP entries on one port", () => {
  const db = (name: string, spec: Fields = {}) =>
    entry({ hosts: [`${name}.example`], ports: [tcp], ...spec }, { name });
  const of = (...all: Fields[]) => codes(...all).filter((one) => one.startsWith("ES0403"));

  it("ES0403 without addresses: whatever the resolution, TCP, databases and left-out protocols alike", () => {
    expect(of(db("a"), db("b", { resolution: "NONE" }))).toEqual(["ES0403 0 spec.ports[0]", "ES0403 1 spec.ports[0]"]);
    expect(
      of(
        db("a"),
        db("b", { ports: [{ ...tcp, protocol: "MySQL" }] }),
        db("c", { ports: [{ ...tcp, protocol: undefined }] }),
      ),
    ).toHaveLength(3);
  });

  it("with the same address, also after masking; not with others, nor where one has none", () => {
    const at = (name: string, ...addresses: string[]) => bare({ hosts: [`${name}.example`], addresses });
    const named = (name: string, ...addresses: string[]) => ({
      ...at(name, ...addresses),
      metadata: { name, namespace: "payments" },
    });
    expect(of(named("a", "203.0.113.7"), named("b", "203.0.113.7/32"))).toHaveLength(2);
    expect(of(named("a", "203.0.113.7/24"), named("b", "203.0.113.0/24", "198.51.100.1"))).toHaveLength(2);
    expect(of(named("a", "2001:db8::1/64"), named("b", "2001:DB8:0::/64"))).toHaveLength(2);
    expect(of(named("a", "203.0.113.7"), named("b", "203.0.113.8"))).toEqual([]);
    expect(of(named("a", "203.0.113.7"), db("b"))).toEqual([]);
  });

  it("not on another port, of the same host, of TLS or HTTP, or in another namespace", () => {
    expect(of(db("a"), db("b", { ports: [{ ...tcp, number: 5433 }] }))).toEqual([]);
    expect(of(db("a"), db("b", { hosts: ["a.example"] }))).toEqual([]);
    expect(of(...several({}, { hosts: ["b.example"] }))).toEqual([]);
    expect(of(db("a"), entry({ hosts: ["b.example"], ports: [tcp] }, { name: "b", namespace: "orders" }))).toEqual([]);
  });

  it("DNS capture is named only where it would help all of them", () => {
    const said = (...all: Fields[]) =>
      linted(...all)
        .filter(({ code }) => code === "ES0403")
        .map(({ message }) => message);
    expect(said(db("a"), db("b"))[0]).toContain("DNS capture");
    expect(said(db("a"), db("b", { resolution: "NONE" }))[0]).not.toContain("DNS capture");
  });
});

describe("two manifests of one name", () => {
  it("ES0410 on the first, which then has no part in anything", () => {
    expect(codes(entry(), entry({ ports: [plain] }))).toEqual(["ES0410 0 metadata.name"]);
    expect(codes(entry(), entry({ ports: [plain] }, { namespace: "orders" }))).toEqual([]);
    expect(
      codes(
        entry({}, { name: null, generateName: "a-" }),
        entry({ hosts: ["b.example"] }, { name: null, generateName: "a-" }),
      ),
    ).toEqual([]);
  });
});

describe("many", () => {
  it("three others are named, then 'and others'; the order of documents is kept", () => {
    const all = Array.from({ length: 6 }, (_, index) => entry({}, { name: `e${index}` }));
    const said = linted(...all);
    expect(said.map(({ document }) => document)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(said[0]?.message).toContain("payments/e1, payments/e2, payments/e3 and others");
    expect(linted(...all.slice(0, 3))[0]?.message).toContain("payments/e1 and payments/e2 too");
  });
});
