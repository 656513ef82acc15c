import { describe, expect, it } from "vitest";
import { scoreReports } from "./detect/laid.ts";
import { day, fortnight } from "./detect/time.ts";
import { wholeRun } from "./detect/whole-run.ts";
import { wholeRows } from "./detect/whole-table.ts";

describe("bench/detect, whole run", () => {
  it("finds an incident through a real Prometheus, when the detector alone does, and nothing besides", async () => {
    const classes = ["rare", "steady5", "gap"] as const;
    const run = await wholeRun({ seed: 3, series: 1, classes, learn: 3 * day, scored: 2 * day });
    expect(run).toMatchObject({ keys: 3, runs: 2 * 2 * day });
    expect(run.results.map((one) => one.class)).toEqual(classes);
    for (const { replay, scraped } of run.results) {
      expect(replay.falseEpisodes).toBe(0);
      expect(replay.found.find((one) => one.excess === 30)?.poll).toBeLessThanOrEqual(2);
      expect(replay.falseEpisodes).toBe(scraped.falseEpisodes);
    }
    // Without gaps nothing is lost on the way.
    for (const { class: name, replay, scraped } of run.results) if (name !== "gap") expect(replay).toEqual(scraped);
    const all = wholeRows(run).find((row) => row.judge === "replay" && row.class === "all");
    expect(all).toMatchObject({ falsePerWeek: 0, sizes: { 30: { incidents: 3, found: 3, share: 1 } } });
  }, 60_000);

  it("scores reports by what caused them", () => {
    const at = fortnight + day;
    const one = {
      name: "shift" as const,
      nth: 0,
      counts: [],
      laid: [],
      incidents: [{ at, excess: 10 as const, added: [] }],
      right: { from: at + 2 * day, to: at + 3 * day },
    };
    expect(scoreReports(one, [at + 2])).toEqual({ falseEpisodes: 0, found: [{ excess: 10, poll: 3 }] });
    // Too early; too late to be of use, yet caused by it; the level shift once, then twice.
    expect(scoreReports(one, [at - 1])).toEqual({ falseEpisodes: 1, found: [{ excess: 10, poll: null }] });
    expect(scoreReports(one, [at + 8])).toEqual({ falseEpisodes: 0, found: [{ excess: 10, poll: null }] });
    expect(scoreReports(one, [at + 2 * day]).falseEpisodes).toBe(0);
    expect(scoreReports(one, [at + 2 * day, at + 2 * day + 50]).falseEpisodes).toBe(1);
  });
});
