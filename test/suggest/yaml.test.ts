import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Document, parse, Scalar, visit } from "yaml";
import type { Manifest } from "../../lib/model.ts";
import { plainWord, toYaml } from "../../lib/suggest/yaml.ts";
import { finding, suggestOne, tcp, tls } from "./make.ts";

const manifest = (spec: Record<string, unknown>): Manifest => ({
  apiVersion: "networking.istio.io/v1",
  kind: "ServiceEntry",
  metadata: { name: "x" },
  spec,
});
/** The object with its keys in the order that it was written in. */
const toJson = (one: Manifest): string => JSON.stringify(parse(toYaml(one)));

/** The `yaml` package's own writing, with every string quoted that is not plainly a word. */
function byLibrary(value: unknown): string {
  const document = new Document(value, { version: "1.1", aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === "string" && !plainWord.test(node.value)) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document.toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER });
}
const both = (text: string): [unknown, unknown] => [parse(text, { version: "1.1" }), parse(text, { version: "1.2" })];

describe("toYaml", () => {
  it("prints what kubectl takes", () => {
    expect(suggestOne(finding(tls("api.stripe.com"))).yaml).toBe(
      [
        "apiVersion: networking.istio.io/v1",
        "kind: ServiceEntry",
        "metadata:",
        "  name: api-stripe-com-5e9af329",
        "  namespace: payments",
        "  labels:",
        "    app.kubernetes.io/created-by: egress-scout",
        "  annotations:",
        '    egress-scout/first-seen: "2026-11-22"',
        '    egress-scout/review-by: "2027-02-20"',
        "    egress-scout/seen-from: checkout",
        "spec:",
        "  hosts:",
        '    - "api.stripe.com"',
        "  ports:",
        "    - number: 443",
        "      name: tls-443",
        "      protocol: TLS",
        "  location: MESH_EXTERNAL",
        "  resolution: DNS",
        "  exportTo:",
        '    - "."',
        "",
      ].join("\n"),
    );
    expect(suggestOne(finding(tcp("203.0.113.7"))).yaml).toContain('  addresses:\n    - "203.0.113.7/32"\n');
  });

  it.each([
    "no",
    "Off",
    "y",
    "12:30",
    "1e3",
    "0o14",
    "014",
    "1_000",
    "0x1f",
    ".inf",
    ".5",
    "~",
    "",
    " a",
    "a ",
    "- a",
    "a: b",
    "#x",
    "2026-11-22",
    "null",
    "=",
    "<<",
    "!!js/function",
    "&a",
    "*a",
    "a\nb",
    'a"b',
    "NaN",
    "+1",
    "1.",
    "é",
    "---",
  ])("keeps %j a string for readers of YAML 1.1 and of 1.2", (text) => {
    // As a key `<<` means merging to YAML 1.1, and no manifest has such a field.
    const keyed = text !== "<<";
    const written = manifest({ hosts: [text], ports: [], other: text, [keyed ? text : "key"]: 1, list: [text] });
    const [older, newer] = both(toYaml(written));
    expect(older).toEqual(written);
    expect(newer).toEqual(written);
  });

  it("has one key order, whatever the object's own", () => {
    const turn = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(turn)
        : typeof value === "object" && value !== null
          ? Object.fromEntries(
              Object.entries(value)
                .reverse()
                .map(([key, one]) => [key, turn(one)]),
            )
          : value;
    const one = suggestOne(finding(tcp("203.0.113.7"))).manifest;
    expect(toYaml(turn(one) as Manifest)).toBe(toYaml(one));
  });

  it("writes no anchors for what is there twice, and folds no line", () => {
    const shared = ["a.example.com"];
    const text = toYaml(manifest({ hosts: shared, again: shared, long: "word ".repeat(60) }));
    expect(text).not.toMatch(/[&*]a/);
    expect(text.split("\n").filter((line) => line.startsWith("  long"))).toHaveLength(1);
    expect(both(text)[0]).toEqual(both(text)[1]);
  });

  it("quotes what a float of YAML 1.1 may look like", () => {
    expect(toYaml(manifest({ list: ["e5", "E-12", "e5a"] }))).toContain(
      '  list:\n    - "e5"\n    - "E-12"\n    - e5a\n',
    );
  });

  it("writes several objects as one", () => {
    const list = { apiVersion: "v1" as const, kind: "List" as const, items: [manifest({ hosts: ["a.example"] })] };
    expect(toYaml(list)).toBe(
      'apiVersion: v1\nkind: List\nitems:\n  - apiVersion: networking.istio.io/v1\n    kind: ServiceEntry\n    metadata:\n      name: x\n    spec:\n      hosts:\n        - "a.example"\n',
    );
  });

  it("escapes what YAML allows in no text, and what some take for a line end", () => {
    const text = "a\u007f\u0085\u2028\ufeff\u0000";
    expect(toYaml(manifest({ text }))).toContain('  text: "a\\u007f\\u0085\\u2028\\ufeff\\u0000"\n');
    expect(parse(toYaml(manifest({ text })))).toEqual(manifest({ text }));
  });

  it("writes what the library would, laid out and quoted alike", () => {
    const values = fc.letrec<{ value: unknown; list: unknown[] }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        // Of a merge key as a value the library loses the quotes.
        fc.stringMatching(/^[ -~]{0,9}$/).filter((text) => text !== "<<"),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        tie("list"),
        fc.dictionary(fc.stringMatching(/^[ -/:-~][ -~]{0,5}$/), tie("value"), { maxKeys: 3 }),
      ),
      list: fc.array(tie("value"), { maxLength: 3 }),
    })).value;
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom("name", "ports", "zeta", "alpha", "exportTo"), values), (spec) => {
        const one = manifest(spec);
        expect(toYaml(one)).toBe(byLibrary(JSON.parse(toJson(one))));
      }),
      { numRuns: 1000 },
    );
  });

  it("comes back the same, whatever the strings", () => {
    const strings = fc.oneof(
      fc.string(),
      fc.string({ unit: "binary-ascii" }),
      fc.stringMatching(/^[-+.0-9_:eExXoOyYnN~]{1,8}$/),
    );
    fc.assert(
      fc.property(
        fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.oneof(strings, fc.array(strings), fc.integer())),
        (spec) => {
          const [older, newer] = both(toYaml(manifest(spec)));
          expect(older).toEqual(newer);
          expect(older).toEqual(JSON.parse(JSON.stringify(manifest(spec))));
        },
      ),
      { numRuns: 500 },
    );
  });
});
