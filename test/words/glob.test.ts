import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { globMatches } from "../../lib/words/glob.ts";

/** Small alphabets, so that texts and globs meet often. */
const text = fc.string({ unit: fc.constantFrom("a", "b", "-", ".", "/", "\n", "("), maxLength: 8 });
const glob = fc.string({ unit: fc.constantFrom("a", "b", "-", ".", "(", "*", "?"), maxLength: 8 });

const oracle = (written: string) =>
  new RegExp(
    `^${[...written].map((one) => ({ "*": "[^]*", "?": "[^]" })[one] ?? one.replace(/[-.()]/, "\\$&")).join("")}$`,
  );

describe("a glob", () => {
  it("matches what the same regular expression does", () => {
    fc.assert(
      fc.property(glob, text, (written, met) => {
        expect(globMatches(written, met)).toBe(oracle(written).test(met));
      }),
      { numRuns: 20_000 },
    );
  });

  it.each([
    ["payments-*", "payments-eu", true],
    ["payments-*", "payments", false],
    ["*", "", true],
    ["", "", true],
    ["?", "", false],
    ["[a]", "a", false],
    ["{a,b}", "a", false],
    ["a+", "aa", false],
    ["*.corp", ".corp", true],
  ])("%s, of %s: %s", (written, met, matches) => expect(globMatches(written, met)).toBe(matches));

  it("has no glob that it is slow at", () => {
    const tries = 200;
    const long = "a".repeat(50 * tries);
    expect(globMatches(`${"*a".repeat(tries)}b`, long)).toBe(false);
  });
});
