import fc from "fast-check";
import { expect, it } from "vitest";
import { grouped } from "../../lib/words/grouped.ts";

it("groups digits as Intl does", () => {
  const counts = fc.oneof(
    fc.maxSafeInteger(),
    fc.integer({ min: -2000, max: 2000 }),
    fc.double().map((one) => one + 0),
  );
  const sameAsIntl = (count: number) => {
    expect(grouped(count)).toBe(count.toLocaleString("en-US"));
  };
  fc.assert(fc.property(counts, sameAsIntl), {
    examples: [[0], [999], [1000], [-1000], [1e6], [1234.5], [Number.NaN]],
  });
});
