import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pace } from "../../lib/enrich/pace.ts";

describe("the token bucket", () => {
  test("a burst at once, then one each gap, then a burst again after a quiet spell", () => {
    let now = 1000;
    const clock = pace({ perSecond: 10, burst: 3, budget: 60_000, now: () => now });
    expect(Array.from({ length: 5 }, () => clock.take())).toEqual([0, 0, 0, 100, 200]);
    now += 10_000;
    expect(Array.from({ length: 4 }, () => clock.take())).toEqual([0, 0, 0, 100]);
  });

  test("never more in any window than its rate and one burst, whatever the clock does", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -200, max: 400 }), { minLength: 1, maxLength: 200 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 100 }),
        (steps, burst, perSecond) => {
          let now = 0;
          let steady = Number.NEGATIVE_INFINITY;
          const clock = pace({ perSecond, burst, budget: 1e9, now: () => now });
          const granted = steps.map((step) => {
            now += step;
            steady = Math.max(steady, now);
            return steady + (clock.take() ?? Number.POSITIVE_INFINITY);
          });
          for (const from of granted) {
            // A sum of gaps such as 1000 / 7 ends a little before the second does.
            const within = granted.filter((at) => at >= from && at < from + 1000 - 1e-6).length;
            expect(within).toBeLessThanOrEqual(perSecond + burst);
          }
        },
      ),
    );
  });
});

describe("the budget", () => {
  test("starts with the first question and refuses what would be granted after its end", () => {
    let now = 0;
    const clock = pace({ perSecond: 1, burst: 1, budget: 2500, now: () => now });
    now = 7_000;
    expect(clock.left()).toBe(2500);
    expect([clock.take(), clock.take(), clock.take(), clock.take()]).toEqual([0, 1000, 2000, null]);
    now = 9_499;
    expect(clock.left()).toBe(1);
    now = 9_500;
    expect(clock.left()).toBe(0);
    expect(clock.take()).toBeNull();
  });

  test("a clock that goes back does not stretch it", () => {
    let now = 10_000;
    const clock = pace({ perSecond: 100, burst: 1, budget: 1000, now: () => now });
    clock.left();
    now = 10_900;
    expect(clock.left()).toBe(100);
    now = 0;
    expect(clock.left()).toBe(100);
  });
});
