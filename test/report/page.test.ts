/** The page's file: what hostile text becomes, and that nothing of it is markup. */
import { inflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { columnsOf, rowsOf } from "../../lib/report/page/columns.ts";
import type { PageData } from "../../lib/report/page/data.ts";
import { pageHtml } from "../../lib/report/page/html.ts";
import { shown, shownYaml } from "../../lib/report/page/shown.ts";
import { toYaml } from "../../lib/suggest/yaml.ts";
import hostile from "../data/hostile-names.json" with { type: "json" };

const assets = { script: "void 0", style: "p{}" };

describe("shown", () => {
  it("escapes what cannot be seen or moves what can, and nothing else", () => {
    expect(shown("a\u202eb\u2066\u200b\ufeff\u0000\u001b\n\r\t\u007f\u0085\u2028\u00a0\ud800\u{e0001}")).toBe(
      "a\\u202eb\\u2066\\u200b\\ufeff\\u0000\\u001b\\u000a\\u000d\\u0009\\u007f\\u0085\\u2028\\u00a0\\ud800\\udb40\\udc01",
    );
    for (const text of ["<b>&\"'`", "Zürich 東京 مرحبا 🙂", "a b"]) expect(shown(text)).toBe(text);
    for (const { value } of hostile) expect(shown(value)).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
  });

  it("leaves a manifest what it is", () => {
    const manifest = {
      apiVersion: "v1",
      kind: "K",
      metadata: { name: "a", annotations: { "x/y": "a\u202eb\u2066 <c>" } },
      spec: {},
    };
    const yaml = shownYaml(toYaml(manifest));
    expect(yaml).toContain("\\u202e");
    expect(parse(yaml)).toEqual(manifest);
  });
});

describe("pageHtml", () => {
  const data = (text: string): PageData => ({
    at: 0,
    clusters: [
      {
        name: text,
        lastRun: null,
        headline: text,
        isCoverageKnown: false,
        destinations: [],
        flows: [],
        leftOut: 0,
        findings: [],
        namespaces: [],
        texts: [text],
        warnings: [text],
      },
    ],
  });

  it("has no hostile text as markup, and gives all of it back", () => {
    for (const { value } of [...hostile, { value: "</noscript><script>alert(1)</script>" }]) {
      const { html } = pageHtml(data(value), assets);
      expect(html.match(/<script/g)).toHaveLength(2);
      const [, packed = ""] = /id="data">([A-Za-z0-9+/=]*)<\/script>/.exec(html) ?? [];
      expect(JSON.parse(inflateRawSync(Buffer.from(packed, "base64")).toString()).clusters[0].texts).toEqual([value]);
    }
  });

  it("allows its own script and style by their hashes, and no other", () => {
    const { policy, html } = pageHtml(data("x"), assets);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(html).toContain(`content="${policy.replace("; frame-ancestors 'none'", "")}"`);
    expect(pageHtml(data("x"), { ...assets, script: "void 1" }).policy).not.toBe(policy);
    expect(() => pageHtml(data("x"), { ...assets, script: "'</script>'" })).toThrow(/end its own element/);
  });

  it("columns are rows again", () => {
    const rows = [
      { a: 1, b: null },
      { a: 2, b: "x" },
    ];
    expect(rowsOf(columnsOf(rows))).toEqual(rows);
    expect(rowsOf(columnsOf([]))).toEqual([]);
  });
});
