import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FindingKind, Ruling, ToldFinding, Verdict } from "../../lib/model.ts";
import { precisionMetrics } from "../../lib/report/metrics.ts";
import { precisionOf } from "../../lib/verdicts/precision.ts";
import { toldFinding } from "../contract/store.ts";
import { ensureTools, toolPath } from "../tools/ensure.ts";

const told = (id: string, kind: FindingKind = "new-destination", team = "shop"): ToldFinding =>
  toldFinding(id, { kind, team });
const decided = (rulings: Record<string, Ruling>): Map<string, Verdict> =>
  new Map(
    Object.entries(rulings).map(([id, verdict]) => [id, { id, verdict, until: 1, reason: null, by: null, at: null }]),
  );

describe("precision", () => {
  it("is counted by detector and owner, with what ended, and leaves out what nobody judged", () => {
    const findings = [
      told("a"),
      told("b"),
      told("c"),
      told("d"),
      told("e"),
      told("f", "fan-out"),
      told("g", "fan-out", "pay"),
    ];
    const verdicts = decided({ a: "denied", b: "approved", c: "expected", d: "snoozed", g: "expected", x: "denied" });
    expect(precisionOf(findings, verdicts)).toEqual([
      { kind: "fan-out", team: "pay", told: 1, worth: 0, noise: 1, snoozed: 0, unjudged: 0, share: 0 },
      { kind: "fan-out", team: "shop", told: 1, worth: 0, noise: 0, snoozed: 0, unjudged: 1, share: null },
      { kind: "new-destination", team: "shop", told: 5, worth: 2, noise: 1, snoozed: 1, unjudged: 1, share: 2 / 3 },
    ]);
    expect(precisionOf([], verdicts)).toEqual([]);
  });

  it("counts each finding once, in one column, in any order", () => {
    const rulings = fc.constantFrom<Ruling | null>("expected", "approved", "denied", "snoozed", null);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom("a", "b"), rulings)), (all) => {
        const findings = all.map(([team], index) => told(`${index}`, "fan-out", team));
        const verdicts = decided(
          Object.fromEntries(all.flatMap(([, ruling], index) => (ruling === null ? [] : [[`${index}`, ruling]]))),
        );
        const rows = precisionOf(findings, verdicts);
        expect(precisionOf(findings.toReversed(), verdicts)).toEqual(rows);
        expect(rows.reduce((sum, one) => sum + one.told, 0)).toBe(all.length);
        for (const one of rows) {
          expect(one.worth + one.noise + one.snoozed + one.unjudged).toBe(one.told);
          expect(one.share === null).toBe(one.worth + one.noise === 0);
        }
      }),
    );
  });
});

describe("as metrics", () => {
  it("whatever a team is called, it is what promtool takes", async () => {
    await ensureTools(["promtool"]);
    const teams = ["shop", 'a "b"', "back\\slash", "two\nlines", "Zoë", ""];
    const rows = precisionOf(
      teams.map((team, index) => told(`${index}`, "fan-out", team)),
      decided({ 0: "expected", 1: "denied" }),
    );
    const text = precisionMetrics([
      { cluster: "prod", precision: rows },
      { cluster: "eu", precision: rows },
    ]);
    expect(text).toContain('team="two\\nlines",judged="unjudged"} 1\n');
    expect(text.match(/^egress_scout_precision_ratio\{.*\} [01]$/gm)).toHaveLength(4);
    execFileSync(toolPath("promtool"), ["check", "metrics"], { input: text, stdio: ["pipe", "pipe", "pipe"] });
  });

  it("of nothing is no sample", () => {
    expect(precisionMetrics([]).match(/^[^#].*/gm)).toBeNull();
  });
});
