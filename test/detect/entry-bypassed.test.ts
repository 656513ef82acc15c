import { describe, expect, it } from "vitest";
import { entryBypassed } from "../../lib/detect/entry-bypassed.ts";
import type { Bypass, Finding } from "../../lib/model.ts";
import { byId, evidence, noon, observation } from "./make.ts";

const minute = 60_000;
const quarter = 15 * minute;
const why = "SNI api.example.com is *.example.com of shop/wild on port 443. Likely causes: …";

function bypass(at = noon, change: Partial<Bypass> = {}): Bypass {
  const seen = { count: 3, firstSeen: at - 9 * minute, lastSeen: at - 2 * minute };
  return { observation: observation({}, seen), why, isNew: false, ...change };
}
const run = (bypasses: Bypass[], open: Finding[] = [], to = noon) =>
  entryBypassed.detect(evidence({ bypasses, open: byId(open), window: { from: to - quarter, to } }));

describe("a call past its entry", () => {
  it("is told once, adds up while it lasts, and resolves after an hour without one", () => {
    const first = run([bypass()]);
    expect(first.findings).toMatchObject([
      { kind: "entry-bypassed", state: "open", severity: "warning", count: 3, summary: why },
    ]);
    const second = run([bypass(noon + quarter)], first.opened, noon + quarter);
    expect(second.findings).toEqual([]);
    expect(second.opened).toMatchObject([{ count: 6, firstSeen: noon - 9 * minute }]);
    const over = run([], second.opened, noon + quarter + 58 * minute);
    expect(over.findings).toMatchObject([{ state: "resolved", count: 6 }]);
    expect(over.closed).toEqual([first.opened?.[0]?.id]);
  });

  it("is not told of a destination that is new: that one is told as such; nor later, nor when it is over", () => {
    const first = run([bypass(noon, { isNew: true })]);
    expect(first.findings).toEqual([]);
    expect(first.opened).toMatchObject([{ severity: "info" }]);
    const second = run([bypass(noon + quarter)], first.opened, noon + quarter);
    expect(second.findings).toEqual([]);
    const over = run([], second.opened, noon + 3 * 60 * minute);
    expect([over.findings, over.closed?.length]).toEqual([[], 1]);
  });
});
