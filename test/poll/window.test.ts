import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planWindow, type WindowOrder } from "../../lib/poll/window.ts";

const hour = 3_600_000;
const day = 24 * hour;
const now = Date.UTC(2026, 10, 22, 12);
const order = (change: Partial<WindowOrder> = {}): WindowOrder => ({
  to: now,
  since: null,
  learn: 7 * day,
  noLearn: false,
  ...change,
});
const until = (end: number, learningSince: number | null = null) => ({ end, learningSince });

describe("poll/window", () => {
  it("a first run learns from history", () => {
    const from = now - 7 * day;
    expect(planWindow(null, order())).toEqual({
      mode: "learn",
      window: { from, to: now },
      continues: false,
      learningSince: from,
    });
    expect(planWindow(null, order({ since: now - hour }))).toMatchObject({ window: { from: now - hour } });
  });

  it("a first run that is not to learn watches, and continues nothing", () => {
    const plan = planWindow(null, order({ noLearn: true, since: now - hour }));
    const window = { from: now - hour, to: now };
    expect(plan).toEqual({ mode: "watch", window, continues: false, learningSince: null });
  });

  it("a first run that was cut off goes on learning where it was", () => {
    const plan = planWindow(until(now - 3 * day, now - 9 * day), order({ since: now - hour }));
    expect(plan).toEqual({
      mode: "learn",
      window: { from: now - 3 * day, to: now },
      continues: false,
      learningSince: now - 9 * day,
    });
  });

  it("a first run that was cut off watches from there on where it is not to learn", () => {
    const plan = planWindow(until(now - day, now - 9 * day), order({ noLearn: true }));
    expect(plan).toMatchObject({ mode: "watch", window: { from: now - day, to: now }, learningSince: null });
  });

  it("a later run begins where the last one ended, however long ago", () => {
    for (const ago of [60_000, hour, 40 * day]) {
      const plan = planWindow(until(now - ago), order());
      expect(plan).toEqual({
        mode: "watch",
        window: { from: now - ago, to: now },
        continues: true,
        learningSince: null,
      });
    }
  });

  it("--since moves the beginning, and then nothing is continued but by chance", () => {
    expect(planWindow(until(now - hour), order({ since: now - day }))).toMatchObject({
      mode: "watch",
      window: { from: now - day, to: now },
      continues: false,
    });
    expect(planWindow(until(now - hour), order({ since: now - hour })).continues).toBe(true);
  });

  it("a run that ends before the last one did has nothing to do", () => {
    expect(planWindow(until(now + hour), order()).window).toEqual({ from: now, to: now });
    expect(planWindow(until(now + hour, now - day), order())).toMatchObject({
      mode: "learn",
      window: { from: now, to: now },
    });
  });

  it("runs one after the other leave no gap and cover nothing twice, until told otherwise", () => {
    const later = fc.array(fc.nat(3 * day), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(later, (steps) => {
        let end = now;
        for (const step of steps) {
          const { window, continues } = planWindow(until(end), order({ to: end + step }));
          expect(window.from).toBe(end);
          expect(continues).toBe(true);
          end = window.to;
        }
        expect(end).toBe(now + steps.reduce((sum, step) => sum + step, 0));
      }),
    );
  });

  it("no window ends before it begins", () => {
    const time = fc.integer({ min: now - 9 * day, max: now + 9 * day });
    const some = fc.record({ end: time, learningSince: fc.option(time) });
    const orders = fc.record({ to: time, since: fc.option(time), learn: fc.nat(9 * day), noLearn: fc.boolean() });
    fc.assert(
      fc.property(fc.option(some), orders, (progress, asked) => {
        const { window } = planWindow(progress, asked);
        expect(window.from).toBeLessThanOrEqual(window.to);
        expect(window.to).toBe(asked.to);
      }),
    );
  });
});
