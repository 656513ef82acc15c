/** A name that does not answer to the address dialled: one finding while it lasts, and one more when it is over. */
import { describe, expect, it } from "vitest";
import { detect } from "../../lib/detect/index.ts";
import { nameMismatch } from "../../lib/detect/name-mismatch.ts";
import type { Finding, Mismatch } from "../../lib/model.ts";
import { suggest } from "../../lib/suggest/suggest.ts";
import { Memory } from "../../lib/words/memory.ts";
import { byId, evidence, noon, observation, sighting } from "./make.ts";

const minute = 60_000;
const quarter = 15 * minute;
const address = "203.0.113.7";
const why = ", but it resolves to 198.51.100.1";

/** A call of the host at the address, seen in the minutes before `to`. */
function mismatch(change: Partial<Mismatch> = {}, to = noon, count = 3): Mismatch {
  const seen = { addresses: [address], count, firstSeen: to - 9 * minute, lastSeen: to - 2 * minute };
  return { observation: observation({ address }, seen), address, apart: "far", why, ...change };
}
const run = (mismatches: Mismatch[], open: Finding[] = [], to = noon) =>
  nameMismatch.detect(evidence({ mismatches, open: byId(open), window: { from: to - quarter, to } }));

describe("a name that nobody can be asked about", () => {
  const { apart: _, why: __, ...unchecked } = mismatch({}, noon + 2 * 60 * minute);
  const later = (open: Finding[]) => {
    const window = { from: noon + 105 * minute, to: noon + 120 * minute };
    return nameMismatch.detect(evidence({ unchecked: [unchecked], open: byId(open), window }));
  };

  it("stays open while it is dialled, as severe as it was", () => {
    const [before] = run([mismatch()]).findings ?? [];
    const { findings, opened, closed } = later(before === undefined ? [] : [before]);
    expect([findings, closed]).toEqual([[], []]);
    expect(opened).toMatchObject([{ id: before?.id, count: 6, severity: "critical", summary: why }]);
  });

  it("opens nothing", () => {
    expect(later([])).toEqual({ findings: [], opened: [], closed: [] });
  });
});

describe("a mismatch that is new", () => {
  it("is a finding with its own address and count, kept open", () => {
    const { findings, opened, closed } = run([mismatch()]);
    expect(findings).toMatchObject([
      {
        kind: "name-mismatch",
        state: "open",
        severity: "critical",
        source: { namespace: "shop", workload: "web" },
        destination: { host: "api.example.com", address, port: 80 },
        addresses: [address],
        count: 3,
        firstSeen: noon - 9 * minute,
        lastSeen: noon - 2 * minute,
        summary: why,
      },
    ]);
    expect(opened).toEqual(findings);
    expect(closed).toEqual([]);
  });

  it("is critical where it is far, a warning where nobody knows", () => {
    expect(run([mismatch({ apart: "unknown" })]).findings?.map(({ severity }) => severity)).toEqual(["warning"]);
  });

  it("names the address that was dialled, not the first one behind the name", () => {
    const seen = observation({ address: "198.51.100.1" }, { addresses: ["198.51.100.1", address] });
    expect(run([mismatch({ observation: seen })]).findings).toMatchObject([
      { destination: { address }, addresses: [address] },
    ]);
  });

  it("is one for each name, address, port and source", () => {
    const all = [
      mismatch(),
      mismatch({ address: "203.0.113.8" }),
      mismatch({ observation: observation({ host: "b.example.com" }) }),
      mismatch({ observation: observation({ port: 8080 }) }),
      mismatch({ observation: observation({}, { source: { cluster: "prod", namespace: "shop", workload: "job" } }) }),
    ];
    const ids = run(all).findings?.map(({ id }) => id) ?? [];
    expect(new Set(ids).size).toBe(5);
    expect(
      run(all.toReversed())
        .findings?.map(({ id }) => id)
        .toReversed(),
    ).toEqual(ids);
  });

  it("has the same id in every process, whatever is known of it", () => {
    const [one] = run([mismatch()]).findings ?? [];
    const [other] = run([mismatch({ apart: "unknown", why: ", but" }, noon + 5 * quarter, 99)]).findings ?? [];
    expect(one?.id).toMatch(/^[0-9a-f]{32}$/);
    expect(other?.id).toBe(one?.id);
  });

  it("of a window that came in slices is one, with all that was counted", () => {
    const early = mismatch({}, noon - quarter, 2);
    const { findings } = run([early, mismatch({ why: ", but it resolves to 198.51.100.2" }, noon, 3)]);
    expect(findings).toMatchObject([{ count: 5, firstSeen: noon - quarter - 9 * minute, lastSeen: noon - 2 * minute }]);
    expect(run([mismatch({}, noon, 3), early]).findings).toMatchObject([
      { count: 5, firstSeen: noon - quarter - 9 * minute, lastSeen: noon - 2 * minute },
    ]);
  });
});

describe("a mismatch that lasts", () => {
  it("is told once, and its count adds up", () => {
    let open = run([mismatch()]).opened ?? [];
    for (let n = 1; n <= 5; n += 1) {
      const to = noon + n * quarter;
      const { findings, opened, closed } = run([mismatch({}, to, 2)], open, to);
      expect([findings, closed]).toEqual([[], []]);
      expect(opened).toMatchObject([
        { count: 3 + 2 * n, firstSeen: noon - 9 * minute, lastSeen: to - 2 * minute, state: "open" },
      ]);
      open = opened ?? [];
    }
  });

  it("stays open through pauses of less than an hour", () => {
    const open = run([mismatch()]).opened ?? [];
    expect(run([], open, noon + 58 * minute - 1)).toMatchObject({ findings: [], opened: [], closed: [] });
  });
});

describe("a mismatch that is over", () => {
  const open = run([mismatch()]).opened ?? [];
  const over = noon + 58 * minute;

  it("is resolved when nobody dialled it for an hour, with what it was", () => {
    const { findings, opened, closed } = run([], open, over);
    expect(findings).toEqual(open.map((one) => ({ ...one, state: "resolved" })));
    expect(closed).toEqual(open.map(({ id }) => id));
    expect(opened).toEqual([]);
  });

  it("not where it was dialled in the last moment", () => {
    const late = run([mismatch({}, over, 1)], open, over);
    expect([late.findings, late.closed]).toEqual([[], []]);
    expect(late.opened?.map(({ count }) => count)).toEqual([4]);
  });

  it("and begins anew with the same id and a count of its own", () => {
    const again = run([mismatch({}, over + quarter, 7)], [], over + quarter).findings;
    expect(again).toMatchObject([{ id: open[0]?.id, count: 7, firstSeen: over + quarter - 9 * minute }]);
  });

  it("one alone, where another goes on", () => {
    const other = mismatch({ address: "203.0.113.8" });
    const both = run([mismatch(), other]).opened ?? [];
    const { findings, opened } = run([mismatch({ address: "203.0.113.8" }, over)], both, over);
    expect(findings?.map(({ state, destination: to }) => `${state} ${to.address}`)).toEqual([`resolved ${address}`]);
    expect(opened?.map(({ destination: to }) => to.address)).toEqual(["203.0.113.8"]);
  });

  it("is no business of other kinds", () => {
    const spike = { ...open[0], id: "spike", kind: "blocked-spike" } as Finding;
    expect(run([], [spike], noon + 10 * 60 * minute)).toEqual({ findings: [], opened: [], closed: [] });
  });
});

describe("among the other detectors", () => {
  const settings = { exportTo: ["."], dnsCapture: false };

  it("a new destination is found as well, and neither gets a manifest: nothing may open what claims a false name", () => {
    const one = mismatch();
    const { findings } = detect(evidence({ observations: [one.observation], mismatches: [one] }));
    expect(findings.map(({ kind }) => kind)).toEqual(["name-mismatch", "new-destination"]);
    const suggested = suggest(findings, { memory: new Memory(), settings });
    expect(suggested.map(({ suggestions }) => suggestions)).toEqual([[], []]);
    expect(new Set(suggested.map(({ noSuggestion }) => noSuggestion))).toEqual(
      new Set([expect.stringContaining("does not resolve to the address that was dialled")]),
    );
    const alone = suggest(
      findings.filter(({ kind }) => kind === "new-destination"),
      { memory: new Memory(), settings },
    );
    expect(alone[0]?.suggestions).toHaveLength(1);
  });

  it("a known destination is found by this one alone", () => {
    const one = mismatch();
    const memory = new Memory([sighting(one.observation)]);
    expect(detect(evidence({ mismatches: [one], memory })).findings.map(({ kind }) => kind)).toEqual(["name-mismatch"]);
  });
});
