import { describe, expect, it } from "vitest";
import { isCount } from "../../lib/observe/is-count.ts";

describe("observe/is-count", () => {
  it("takes what a counter can hold, halves included: servers add up and average", () => {
    expect([0, 1, 0.5, Number.MAX_SAFE_INTEGER].map(isCount)).toEqual([true, true, true, true]);
  });

  it("takes no value that no counter has", () => {
    const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, -0.5, 2 ** 53, 1e300];
    expect(odd.filter(isCount)).toEqual([]);
  });
});
