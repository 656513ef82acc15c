import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { type LiveView, liveText } from "../../lib/report/live.ts";
import { liveInventoryText } from "../../lib/report/live-inventory.ts";
import { displayWidth } from "../../lib/report/width.ts";
import { finding, hostileValues, many } from "../notify/sample.ts";
import { to, told } from "./make.ts";

const view = (change: Partial<LiveView> = {}): LiveView => ({
  ...{ title: "egress-scout scan, every 1m", doing: null, nextAt: to + 42_000, said: [], found: [] },
  clusters: [
    {
      ...{ cluster: "prod-eu", last: told(), endedAt: to, errors: [], open: [] },
      calls: { allowed: [0, 3, 6, 12, 24], blocked: [0, 0, 0, 0, 0] },
    },
  ],
  ...change,
});
const size = { width: 80, height: 24 };
const shown = (one: LiveView, { width, height } = size) =>
  liveText(one, { colour: true, unicode: true, now: to, width, height }).map(stripVTControlCharacters);

describe("report/live", () => {
  it("reads so", () => {
    expect(shown(view({ found: [finding()] })).map((line) => line.trimEnd())).toEqual([
      "egress-scout scan, every 1m: next in 42 s                                 q ends",
      "",
      "prod-eu: nothing new, 2340 of 2346 known (2026-11-22T10:00:00Z to",
      "2026-11-22T10:15:00Z).",
      "calls let through  ▁▂▂▃▇  at most about 24 in 2 min",
      "calls blocked      no growth in the last hour",
      "",
      "Open: nothing",
      "",
      "Found since this began: 1",
      "SEVERITY  FINDING          WORKLOAD           DESTINATION             COUNT  AGE",
      "warning   new-destination  payments/checkout  api.stripe.com:443 tls     12  11m",
    ]);
  });

  it("never has more lines or cells than the screen, however much there is", () => {
    const full = view({
      found: many(300),
      said: hostileValues,
      clusters: [
        { ...view().clusters[0]!, open: many(50), errors: ["prometheus/unavailable: it is away ".repeat(20)] },
      ],
    });
    for (const width of [40, 80, 200]) {
      for (const height of [1, 5, 12, 24, 60]) {
        const lines = shown(full, { width, height });
        expect(lines.length).toBeLessThanOrEqual(height);
        for (const line of lines) expect([line, displayWidth(line) <= width]).toEqual([line, true]);
        for (const line of lines) expect(line).not.toMatch(/\p{C}/u);
      }
    }
    const lines = shown(full, { width: 200, height: 60 }).join("\n");
    expect(lines).toMatch(/\nOpen: 50\n[\s\S]*\nand \d+ more\n\nFound since this began: 300\n[\s\S]*\nand \d+ more$/);
  });

  it("of a state that cannot be read, says why, and goes on with what it knows", () => {
    const lines = liveInventoryText(
      { every: 5000, nextAt: to, told: { at: to, clusters: [], verdicts: [] }, error: "store/locked: \u001b[2J" },
      { colour: false, unicode: true, now: to, ...size },
    );
    expect(lines.slice(1)).toEqual(["failed: store/locked: \\u001b[2J", "", "Nothing is remembered yet."]);
  });
});
