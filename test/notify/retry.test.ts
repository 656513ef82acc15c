import { describe, expect, it } from "vitest";
import { ScoutError } from "../../lib/errors.ts";
import type { Failure } from "../../lib/model.ts";
import { errorOf, failedAgain, isEarly } from "../../lib/notify/retry.ts";

const minute = 60_000;
const noon = Date.UTC(2026, 10, 22, 12);
const error = new ScoutError("channel/unavailable", "slack is away");

describe("notify/retry", () => {
  it("waits twice as long after each try, for an hour at most, and knows since when", () => {
    let failure: Failure | null = null;
    let now = noon;
    const waits: number[] = [];
    for (let n = 0; n < 9; n++) {
      failure = failedAgain(failure, error, now);
      waits.push((failure.next - now) / minute);
      now = failure.next;
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
    expect(failure).toMatchObject({ since: noon, attempts: 9, code: "channel/unavailable", reported: false });
    expect(failedAgain({ ...(failure as Failure), attempts: 1e9 }, error, now).next).toBe(now + 60 * minute);
  });

  it("is early before the next try is due, and never because of a run that looked at another time", () => {
    const failure = failedAgain(null, error, noon);
    expect([noon, noon + minute - 1, noon + minute].map((at) => isEarly(failure, at))).toEqual([true, true, false]);
    expect(isEarly({ ...failure, next: noon + 365 * 24 * 60 * minute }, noon)).toBe(false);
  });

  it("says when it is tried again, whatever the state file holds", () => {
    expect(errorOf(failedAgain(null, error, noon))).toMatchObject({
      code: "channel/unavailable",
      message: "slack is away; not tried again before 2026-11-22 12:01 UTC",
    });
    expect(errorOf({ ...failedAgain(null, error, noon), next: 1e300 }).message).toMatch(/at an unknown time$/);
  });
});
