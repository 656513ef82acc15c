import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Finding, Telling } from "../../lib/model.ts";
import { firstTelling, type RepeatSettings, toldNow, whyTell } from "../../lib/notify/telling.ts";
import { finding } from "./sample.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const noon = Date.UTC(2026, 10, 22, 12);
const usual: RepeatSettings = { repeat: day, backoff: 2, quietAfter: 3 };
const open = (change: Partial<Finding> = {}) =>
  finding({ kind: "policy-violation", firstSeen: noon - 10 * minute, lastSeen: noon, count: 20, ...change });
const first = (one = open()) => toldNow(one, null, null, "first", noon);

/** Runs at those times over a finding that does not change: when it is told, in hours after the first time. */
function toldAt(times: readonly number[], settings: RepeatSettings, one = open()): number[] {
  let telling = first(one);
  return times.flatMap((at) => {
    const why = whyTell({ ...one, lastSeen: at }, telling, one, settings, at);
    if (why === null) return [];
    expect(why).toBe("repeat");
    telling = toldNow(one, telling, one, why, at);
    return [(at - noon) / hour];
  });
}
const every = (step: number, until: number) => Array.from({ length: until / step }, (_, n) => noon + (n + 1) * step);

describe("notify/telling", () => {
  it("repeats after 24 h, then 48 h, then 96 h, and then never", () => {
    expect(toldAt(every(hour, 60 * day), usual)).toEqual([24, 72, 168]);
  });

  it("follows its settings; 0 is never", () => {
    const times = every(hour, 10 * day);
    expect(toldAt(times, { repeat: 6 * hour, backoff: 1, quietAfter: 4 })).toEqual([6, 12, 18, 24]);
    expect(toldAt(times, { ...usual, quietAfter: 0 })).toEqual([]);
    expect(toldAt(times, { ...usual, repeat: 0 })).toEqual([]);
    expect(toldAt(times, { repeat: 10 * hour, backoff: 1.5, quietAfter: 2 })).toEqual([10, 25]);
  });

  it("repeats once after a long time without runs, and not for a run that looks back", () => {
    expect(toldAt([noon + 30 * day, noon + 30 * day + hour, noon - day], usual)).toEqual([30 * 24]);
  });

  it("never repeats what is info", () => {
    expect(toldAt(every(hour, 10 * day), usual, open({ severity: "info" }))).toEqual([]);
  });

  it.each<[string, Partial<Finding>, "changed" | null]>([
    ["is more severe", { severity: "critical" }, "changed"],
    ["is less severe", { severity: "info" }, null],
    ["has the same pace", { lastSeen: noon + hour, count: 20 + 120 }, null],
    ["has less than ten times the pace", { lastSeen: noon + 4 * minute, count: 20 + 99 }, null],
    ["has ten times the pace", { lastSeen: noon + 5 * minute, count: 20 + 100 }, "changed"],
    ["has nine times the pace", { lastSeen: noon + 10 * minute, count: 20 + 180 }, null],
    ["counts less than before", { count: 0 }, null],
  ])("a finding that %s: %s", (_, change, why) => {
    expect(whyTell(open(change), first(), open(), usual, noon + hour)).toBe(why);
  });

  it("a hundred calls are the fewest that matter", () => {
    const telling = first(open({ count: 1 }));
    const called = (calls: number) => open({ count: 1 + calls, lastSeen: noon + hour });
    expect([99, 100].map((calls) => whyTell(called(calls), telling, open({ count: 1 }), usual, noon + hour))).toEqual([
      null,
      "changed",
    ]);
  });

  it("a finding that was slow for days and now is not changed at once, and once", () => {
    const slow = open({ lastSeen: noon + 5 * day, count: 20 + 5 * 24 * 60 });
    const burst = open({ lastSeen: noon + 5 * day + 5 * minute, count: slow.count + 100 });
    expect(whyTell(burst, first(), slow, usual, noon + 5 * day)).toBe("changed");
    const changed = toldNow(burst, first(), slow, "changed", noon + 5 * day);
    const next = open({ lastSeen: noon + 6 * day, count: burst.count + 1 });
    const again = open({ lastSeen: noon + 6 * day + 5 * minute, count: next.count + 200 });
    expect(whyTell(again, changed, next, usual, noon + 5 * day + hour)).toBeNull();
  });

  it("a fan-out that has twice the destinations changed", () => {
    const fan = (destinations: number) => open({ kind: "fan-out", severity: "critical", destinations });
    const telling = first(fan(20));
    expect([39, 40].map((many) => whyTell(fan(many), telling, fan(20), usual, noon + hour))).toEqual([null, "changed"]);
  });

  it("what changed is news: its repeats begin anew, and growth counts from there", () => {
    const worse = open({ severity: "critical" });
    const repeated = toldNow(open(), first(), open(), "repeat", noon + day);
    expect(repeated).toEqual({ ...first(), told: 2, repeats: 1, at: noon + day });
    const changed = toldNow(worse, repeated, open(), "changed", noon + day + hour);
    expect(changed).toMatchObject({ told: 3, repeats: 0, at: noon + day + hour, severity: "critical" });
    expect(whyTell(worse, changed, worse, usual, noon + day + 2 * hour)).toBeNull();
    expect(whyTell(worse, changed, worse, usual, noon + 2 * day + hour)).toBe("repeat");
  });

  it("a repeat does not hide slow growth", () => {
    const fan = (destinations: number) => open({ kind: "fan-out", destinations });
    const repeated = toldNow(fan(30), first(fan(20)), fan(25), "repeat", noon + day);
    expect(whyTell(fan(40), repeated, fan(39), usual, noon + day + hour)).toBe("changed");
  });

  it("what an earlier version opened was told when it began", () => {
    expect(whyTell(open(), firstTelling(open()), open(), usual, noon - 10 * minute + day)).toBe("repeat");
    expect(whyTell(open(), firstTelling(open()), open(), usual, noon + 23 * hour)).toBeNull();
  });

  it("whatever the runs, it counts each telling once and repeats no more often than it may", () => {
    const steps = fc.array(fc.record({ wait: fc.integer({ min: -day, max: 5 * day }), worse: fc.boolean() }));
    const settings = fc.record({
      repeat: fc.integer({ min: 0, max: 3 * day }),
      backoff: fc.double({ min: 1, max: 1000, noNaN: true }),
      quietAfter: fc.nat(5),
    });
    fc.assert(
      fc.property(steps, settings, (all, how) => {
        let one = open({ kind: "fan-out", destinations: 1 });
        let telling: Telling = first(one);
        let at = noon;
        for (const { wait, worse } of all) {
          at += wait;
          if (worse) one = { ...one, destinations: 2 * (one.destinations ?? 1) };
          const why = whyTell(one, telling, one, how, at);
          expect(why === "changed").toBe(worse);
          if (why === null) continue;
          const now = toldNow(one, telling, one, why, at);
          expect(now.told).toBe(telling.told + 1);
          expect(now.repeats).toBeLessThanOrEqual(how.quietAfter);
          if (why === "repeat") expect(at - telling.at).toBeGreaterThanOrEqual(how.repeat);
          telling = now;
        }
      }),
    );
  });
});
