import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { quotable } from "./document.ts";
import { keptQuote, quote, withQuote } from "./quote.ts";
import { type Row, rowOf, tableOf } from "./row.ts";

const bench = fileURLToPath(new URL("run.ts", import.meta.url));
const readme = fileURLToPath(new URL("../../README.md", import.meta.url));

describe("npm run bench", () => {
  it("prints a table, and after it one document of the same rows, each with its baseline", () => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [bench, "--tiny", "--only", "a,b,c"], {
      encoding: "utf8",
    });
    expect([status, stderr]).toEqual([0, expect.stringMatching(/^a: .*\nb: .*\nc: /)]);
    const [head = "", table = "", json = ""] = stdout.trim().split("\n\n");
    const document = JSON.parse(json);
    expect(document).toMatchObject({ schema: "egress-scout/bench@2", size: "tiny" });
    expect(head).toContain(`Prometheus ${document.machine.prometheus}`);
    const rows: Row[] = document.rows;
    expect([...new Set(rows.map(({ group }) => group))]).toEqual(["a", "b", "c"]);
    expect(table).toBe(tableOf(rows));
    expect(rows.filter(({ ours, baseline }) => !(ours > 0 && baseline > 0))).toEqual([]);
    expect(document.details.a).toHaveLength(2);
  }, 120_000);

  it("refuses a figure that was not measured, and judges by the limit alone", () => {
    const one = { figure: "f", unit: "ms", ours: 3, baseline: 2, against: "x" };
    expect(() => rowOf("a", { ...one, ours: Number.NaN })).toThrow("f: NaN and 2");
    expect(rowOf("a", one)).toMatchObject({ ratio: 1.5, limit: null, holds: null });
    expect(tableOf([rowOf("a", { ...one, error: 0.0421 })])).toContain(" 3 ±0.04 ");
    expect(rowOf("a", { ...one, limit: { of: "ratio", most: 1.5 } }).holds).toBe(true);
    expect(rowOf("a", { ...one, limit: { of: "ours", most: 2 } }).holds).toBe(false);
    expect(rowOf("a", { ...one, baseline: 0, limit: { of: "ratio", most: 2 } })).toMatchObject({
      ratio: null,
      holds: false,
    });
  });

  it("is quoted by the README as docs/bench.json has it", () => {
    const text = readFileSync(readme, "utf8");
    expect(withQuote(text, keptQuote() ?? "")).toBe(text);
  });

  it("quotes no short run, and no run that lacks a row", () => {
    expect(quotable.safeParse({ size: "quick" }).error?.issues.map(({ path }) => path[0])).toContain("size");
    const machine = { cores: 2, cpu: "x", memoryGiB: 1, node: "v24.0.0", prometheus: "2" };
    expect(() => quote({ at: "2026-11-22T12:00:00Z", size: "full", machine, rows: [] })).toThrow("no row of a");
  });
});
