import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { printable } from "../../lib/words/printable.ts";

const corpus: { value: string }[] = JSON.parse(
  readFileSync(new URL("../data/hostile-names.json", import.meta.url), "utf8"),
);
const anything = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), fc.string());
const unlimited = Number.POSITIVE_INFINITY;

describe("printable", () => {
  it.each([
    ["api.stripe.com", '"api.stripe.com"'],
    ['say "hi" \\ bye', '"say \\"hi\\" \\\\ bye"'],
    ["<script>&`", '"\\u003cscript\\u003e\\u0026\\u0060"'],
    ["a\r\nBcc: b", '"a\\u000d\\u000aBcc: b"'],
    ["\u001b[31m", '"\\u001b[31m"'],
    ["\u202eevil", '"\\u202eevil"'],
    ["\u{1f600}", '"\\ud83d\\ude00"'],
    ["\ud800", '"\\ud800"'],
    ["\u007f\u0080", '"\\u007f\\u0080"'],
    ["", '""'],
  ])("writes %j as %s", (text, expected) => {
    expect(printable(text)).toBe(expected);
  });

  it("is printable ASCII between two quotes, with nothing in it that a terminal, HTML or Slack would read", () => {
    fc.assert(
      fc.property(anything, fc.nat(200), (text, most) => {
        const inside = printable(text, most).replace(/^"|"$/g, "");
        expect(inside).toMatch(/^[\x20-\x7e]*$/);
        expect(inside).not.toMatch(/[<>&`]/);
        // Every quote and backslash that is left is part of an escape.
        expect(inside.replace(/\\(["\\]|u[0-9a-f]{4})/g, "")).not.toMatch(/["\\]/);
        expect(inside.length).toBeLessThanOrEqual(most + "...".length);
      }),
      { numRuns: 2000 },
    );
  });

  it("says two different texts differently: it is JSON that gives the text back, where nothing was cut off", () => {
    const readBack = (text: string): void => expect(JSON.parse(printable(text, unlimited))).toBe(text);
    fc.assert(fc.property(anything, (text) => void readBack(text)));
    for (const { value } of corpus) readBack(value);
  });

  it("cuts no escape apart, and shows that it cut", () => {
    expect(printable("abcdef", 6)).toBe('"abcdef"');
    expect(printable("abcdefg", 6)).toBe('"abcdef..."');
    expect(printable("abc\n", 6)).toBe('"abc..."');
    fc.assert(
      fc.property(anything, fc.nat(40), (text, most) => {
        const shown: string = JSON.parse(printable(text, most));
        const kept = shown.endsWith("...") && shown !== text ? shown.slice(0, -3) : shown;
        expect(text.startsWith(kept)).toBe(true);
      }),
    );
  });

  it("stops at 120 characters where nobody says otherwise", () => {
    expect(printable("a".repeat(120))).toBe(`"${"a".repeat(120)}"`);
    expect(printable("a".repeat(121))).toBe(`"${"a".repeat(120)}..."`);
  });
});
