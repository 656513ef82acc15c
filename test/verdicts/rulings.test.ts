import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findingId } from "../../lib/detect/finding-id.ts";
import type { Finding, FindingKind, Ruling, Subject, Verdict } from "../../lib/model.ts";
import { byWhom } from "../../lib/verdicts/in-force.ts";
import { judge } from "../../lib/verdicts/judge.ts";
import { withNotes } from "../../lib/verdicts/notes.ts";
import { rulingsOf } from "../../lib/verdicts/rulings.ts";
import { subjectsOf } from "../../lib/verdicts/subjects.ts";
import { clock } from "../../lib/words/duration.ts";
import { sighting, toldFinding } from "../contract/store.ts";
import { hostileText } from "../fuzz/texts.ts";
import { finding, hostileValues } from "../notify/sample.ts";

const window = { from: 1000, to: 2000 };
const verdict = (id: string, ruling: Ruling, over: Partial<Verdict> = {}): Verdict => ({
  ...{ id, verdict: ruling, until: null, reason: null, by: null, at: null },
  ...over,
});
const ruled = (verdicts: readonly Verdict[], subjects: readonly Subject[] = []) =>
  rulingsOf(new Map(verdicts.map((one) => [one.id, one])), new Map(subjects.map((one) => [one.id, one])), window);
const of = (kind: FindingKind, id: string, key = "k-1"): Finding => finding({ kind, id, key });

describe("which finding a verdict is on", () => {
  it("holds for runs that end before its end, and ends in the window that has it", () => {
    const at = (until: number | null) => ruled([verdict("a", "expected", { until })]);
    const one = of("fan-out", "a");
    expect([null, 1000, 1001, 2000, 2001].map((until) => at(until).on(one)?.verdict)).toEqual([
      "expected",
      undefined,
      undefined,
      undefined,
      "expected",
    ]);
    expect([null, 1000, 1001, 2000, 2001].map((until) => at(until).ended.length)).toEqual([0, 0, 1, 1, 0]);
  });

  it("the next spike of the same, but no other name-mismatch, and no other kind", () => {
    const verdicts = [verdict("s1", "expected"), verdict("m1", "approved")];
    const rulings = ruled(verdicts, [of("blocked-spike", "s1"), of("name-mismatch", "m1")]);
    expect(rulings.on(of("blocked-spike", "s2"))?.id).toBe("s1");
    expect(rulings.on(of("blocked-spike", "s2", "k-2"))).toBeUndefined();
    expect(rulings.on(of("name-mismatch", "m1"))?.id).toBe("m1");
    expect(rulings.on(of("name-mismatch", "m2"))).toBeUndefined();
    expect(rulings.on(of("policy-violation", "p"))).toBeUndefined();
  });

  it("of two on spikes of the same the later counts", () => {
    const subjects = [of("blocked-spike", "s1"), of("blocked-spike", "s2")];
    const said = (one: number, two: number) =>
      ruled([verdict("s1", "denied", { at: one }), verdict("s2", "expected", { at: two })], subjects).on(
        of("blocked-spike", "s3"),
      )?.id;
    expect([said(1, 2), said(2, 1)]).toEqual(["s2", "s1"]);
  });

  it("denies the sighting where the finding is about one, and not where it is about an address or a workload", () => {
    const kinds = [
      "new-destination",
      "new-blocked",
      "policy-violation",
      "entry-bypassed",
      "name-mismatch",
      "blocked-spike",
      "fan-out",
      "blind",
    ] as const;
    const denied = kinds.filter((kind) => ruled([verdict("a", "denied")], [of(kind, "a")]).denied.size > 0);
    expect(denied).toEqual(kinds.slice(0, 4));
  });
});

describe("what an id stands for", () => {
  const nothing = { sightings: new Map(), findings: new Map(), open: new Map() };

  it("is found among what was told, what is open, letters, and sightings", () => {
    const open = of("fan-out", "open");
    const one = sighting("a");
    const ids = (["new-destination", "policy-violation"] as const).map((kind) => findingId(kind, "a"));
    const letters = [
      {
        id: "l",
        channel: "c",
        message: {
          id: "m",
          cluster: "c",
          team: "t",
          reason: "first" as const,
          at: 1,
          findings: [of("blind", "letter")],
        },
      },
    ];
    const found = subjectsOf(new Set(["told", "open", "letter", ...ids, "unknown"]), {
      sightings: new Map([["a", one]]),
      findings: new Map([["told", toldFinding("told")]]),
      open: new Map([["open", open]]),
      letters,
    });
    expect([...found].map(([id, { kind, key }]) => [id, kind, key])).toEqual([
      ["told", "new-destination", "key-told"],
      ["open", "fan-out", "k-1"],
      ["letter", "blind", "k-1"],
      [ids[0], "new-destination", "a"],
      [ids[1], "policy-violation", "a"],
    ]);
    expect(subjectsOf(new Set(["x"]), nothing).size).toBe(0);
  });
});

describe("what lasts", () => {
  const judging = (verdicts: readonly Verdict[], open: readonly Finding[]) => ({
    rulings: ruled(verdicts),
    window,
    open: new Map(open.map((one) => [one.id, one])),
    calls: [],
    memory: new Map(),
  });

  it("is told as critical once when it is denied, and as it was when the denial is taken back", () => {
    const spike = of("blocked-spike", "a");
    const first = judge({ findings: [], opened: [spike], closed: [] }, judging([verdict("a", "denied")], [spike]));
    expect(first.findings).toMatchObject([{ id: "a", severity: "critical" }]);
    expect([...first.changed]).toEqual(["a"]);
    const [told] = withNotes(first.findings, first.notes);
    expect(told?.summary).toBe(`${spike.summary} It was denied.`);
    const grown = { ...first.opened[0], count: 99 } as Finding;
    const second = judge(
      { findings: [], opened: [grown], closed: [] },
      judging([verdict("a", "denied")], first.opened),
    );
    expect(second).toMatchObject({ findings: [], opened: [{ count: 99, verdict: { verdict: "denied" } }] });
    const third = judge({ findings: [], opened: [grown], closed: [] }, judging([], second.opened));
    expect(third.findings).toEqual([]);
    expect(third.opened[0]).not.toHaveProperty("verdict");
  });

  it("keeps no verdict that holds no longer", () => {
    const stale = { ...of("fan-out", "a"), verdict: verdict("a", "expected") };
    const { findings, opened } = judge({ findings: [], opened: [stale], closed: [] }, judging([], [stale]));
    expect(findings).toMatchObject([{ id: "a" }]);
    for (const one of [...findings, ...opened]) expect(one).not.toHaveProperty("verdict");
  });
});

describe("who decided and why", () => {
  it("is printable, whatever they wrote", () => {
    expect(byWhom(verdict("a", "denied"))).toBe("");
    expect(byWhom(verdict("a", "denied", { by: "ada@example.com", reason: "no" }))).toBe(' by ada@example.com ("no")');
    for (const text of hostileValues) {
      expect(byWhom(verdict("a", "denied", { by: text, reason: text }))).toMatch(/^[\x20-\x7e]*$/);
    }
    fc.assert(
      fc.property(hostileText, (text) => {
        const said = byWhom(verdict("a", "denied", { by: text, reason: text }));
        expect(said).toMatch(/^[\x20-\x7e]*$/);
        expect(said).not.toMatch(/[<>&`]/);
      }),
    );
  });

  it("the time is UTC", () => expect(clock(Date.UTC(2026, 10, 22, 10, 5, 59))).toBe("2026-11-22 10:05 UTC"));
});
