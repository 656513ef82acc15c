import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { census, lint } from "../../lib/istio/lint/index.ts";
import { readDocuments } from "../../lib/words/documents.ts";
import { entry } from "../istio/lint/make.ts";

const documents = (text: string) => readDocuments(text).map((one) => ({ file: "f.yaml", ...one }));
const values = (text: string) => readDocuments(text).map(({ value, fault }) => fault?.kind ?? value);
const codes = (text: string) => lint(documents(text)).map(({ code, document, path }) => `${code} ${document} ${path}`);
const json = JSON.stringify(entry());

describe("documents", () => {
  it.each([
    ["", []],
    ["# nothing\n", []],
    ["a: 1\n---\nb: 2\n", [{ a: 1 }, { b: 2 }]],
    ["---\n---\na: 1\n---\n", [null, { a: 1 }, null]],
    ["# c\n---\na: 1\r\n--- # d\r\nb: 2\r\n...\nc: 3\n", [{ a: 1 }, { b: 2 }, { c: 3 }]],
    ["\uFEFFa: 1", [{ a: 1 }]],
    ['{\n\t"a": [1]\n}\n', [{ a: [1] }]],
    ['{"a": "}{"}\n{\n  "b": [{}, \n{}]\n}\n\n{"c": 3}', [{ a: "}{" }, { b: [{}, {}] }, { c: 3 }]],
    ["{a: 1}\n", [{ a: 1 }]],
    ["a: |\n  --- no\n  line\n", [{ a: "--- no\nline\n" }]],
  ])("%j", (text, wanted) => {
    expect(values(text)).toEqual(wanted);
  });

  it("a broken one costs itself alone", () => {
    expect(values('a: 1\n---\nb: "x\n---\nc: [1, 2\n---\nd: 4\n---\n\te: 5')).toEqual([
      { a: 1 },
      "broken",
      "broken",
      { d: 4 },
      "broken",
    ]);
    expect(values("? [a]\n: b\n---\na: 1\n---\n- &a [x]\n- *a : y\n---\n? a\n: b")).toEqual([
      "broken",
      { a: 1 },
      "broken",
      { a: "b" },
    ]);
    // To make texts of keys that nest took minutes.
    expect(values("- ? ".repeat(90))).toEqual(["broken"]);
    expect(values(`${"[".repeat(100_000)}\n---\na: 1`)).toEqual(["broken", { a: 1 }]);
  });

  it("a key twice, an alias without an anchor, one within itself, and a bomb are refused", () => {
    const bomb = Array.from(
      { length: 10 },
      (_, one) => `a${one + 1}: &a${one + 1} [${Array(9).fill(`*a${one}`).join(", ")}]`,
    );
    expect(values("a: 1\na: 2")).toEqual(["duplicate-key"]);
    expect(readDocuments("b:\n  a: 1\n  c: 1\n  a: 2")[0]?.fault?.message).toBe("line 4: Map keys must be unique");
    expect(values("hosts: [*.example.com]")).toEqual(["alias"]);
    expect(values("a: &a [*a]")).toEqual(["alias"]);
    expect(values(["a0: &a0 [x, x]", ...bomb].join("\n"))).toEqual(["alias"]);
  });

  it("anchors and merges are what they stand for, a thousand times too", () => {
    expect(values("a: &a {x: 1}\nb: {<<: *a, z: 2}")).toEqual([{ a: { x: 1 }, b: { x: 1, z: 2 } }]);
    expect(values(`a: &a x\nb: [${Array(1000).fill("*a").join(", ")}]`)).toEqual([
      { a: "x", b: Array(1000).fill("x") },
    ]);
  });

  /** As sigs.k8s.io/yaml 1.6 reads them: measured. */
  const scalars: [text: string, value: unknown][] = [
    ...Object.entries({
      no: false,
      Yes: true,
      y: true,
      "~": null,
      e0: "e0",
      ".e3": ".e3",
      "1e3": 1000,
      "0755": 493,
      "0o14": 12,
    }),
    ...Object.entries({
      "0x50": 80,
      "0b11": 3,
      "08": 8,
      "1_000": 1000,
      "12:30": "12:30",
      "190:20:30": "190:20:30",
      "1_": 1,
    }),
    ...Object.entries({
      "2001-01-01": "2001-01-01",
      "1.2.3.4": "1.2.3.4",
      "80.0": 80,
      "-.5": -0.5,
      "+5": 5,
      "0x": "0x",
    }),
    ...Object.entries({ "'no'": "no", tRue: "tRue", "2001:db8::1": "2001:db8::1" }),
  ];
  it.each(scalars)("kubectl reads %s as %j", (text, value) => {
    expect(values(`v: ${text}`)).toEqual([{ v: value }]);
  });

  it("texts of one document each come back as written", () => {
    const scalar = fc
      .stringMatching(/^[a-z][a-z0-9.:-]{0,20}[a-z0-9]$/)
      .filter((one) => !/^(y|n|yes|no|on|off|true|false|null)$|: /.test(one));
    fc.assert(
      fc.property(fc.array(scalar, { minLength: 1, maxLength: 5 }), (all) => {
        expect(values(all.map((one) => `v: ${one}\n`).join("---\n"))).toEqual(all.map((one) => ({ v: one })));
      }),
    );
  });
});

describe("what lint makes of them", () => {
  it("ES0001, ES0002 and ES0003 name the line in the file, and the others are checked", () => {
    const text = `a: "x\n---\n# c\na: 1\na: 2\n---\nhosts:\n- *.example.com\n---\n${JSON.stringify(entry({ hosts: [] }))}\n`;
    expect(codes(text)).toEqual(["ES0001 0 ", "ES0002 1 ", "ES0003 2 ", "ES0111 3 spec.hosts"]);
    expect(lint(documents(text)).map(({ message }) => /line \d+/.exec(message)?.[0])).toEqual([
      "line 1",
      "line 5",
      "line 8",
      undefined,
    ]);
  });

  it("Lists of any kind, Lists in Lists, and typed ones whose items leave their kind out", () => {
    const bad = entry({ hosts: [] }, { name: "b" });
    const { apiVersion, kind, ...bare } = bad;
    const list = {
      apiVersion: "v1",
      kind: "List",
      items: [{ apiVersion: "v1", kind: "Service" }, entry(), { kind: "List", items: [null, bad] }],
    };
    expect(codes(JSON.stringify(list))).toEqual(["ES0111 0 items[2].items[1].spec.hosts"]);
    expect(codes(JSON.stringify({ apiVersion, kind: `${String(kind)}List`, items: [bare] }))).toEqual([
      "ES0111 0 items[0].spec.hosts",
    ]);
    expect(census(documents(JSON.stringify(list)))).toEqual({ serviceEntries: 2, passedOver: 1 });
  });

  it("what has items and is no List, and a List without items, are kinds like others", () => {
    const bad = entry({ hosts: [] });
    for (const odd of [
      { kind: "Crate", items: [bad] },
      { items: [bad] },
      { kind: 7, items: [bad] },
      { kind: "List", items: { bad } },
    ]) {
      expect([codes(JSON.stringify(odd)), census(documents(JSON.stringify(odd)))]).toEqual([
        [],
        { serviceEntries: 0, passedOver: 1 },
      ]);
    }
  });

  it("other kinds are passed over and counted, another group's ServiceEntry too, and empty documents are nothing", () => {
    const text = `---\n---\nkind: Service\n---\njust text\n---\n[1]\n---\n{apiVersion: example.com/v1, kind: ServiceEntry}\n---\n${json}\n`;
    expect(codes(text)).toEqual([]);
    expect(census(documents(text))).toEqual({ serviceEntries: 1, passedOver: 4 });
  });

  it("v1, v1beta1 and v1alpha3 alike", () => {
    for (const version of ["v1", "v1beta1", "v1alpha3"]) {
      expect(codes(json.replace("/v1", `/${version}`))).toEqual([]);
      expect(codes(JSON.stringify(entry({ hosts: [] })).replace("/v1", `/${version}`))).toEqual([
        "ES0111 0 spec.hosts",
      ]);
    }
  });
});
