import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDuration, parseDuration, parseTime } from "../../lib/words/duration.ts";

const day = 86_400_000;

describe("duration", () => {
  it.each([
    ["30s", 30_000],
    ["15m", 900_000],
    ["1h30m", 5_400_000],
    ["7d", 7 * day],
    ["2w", 14 * day],
    ["1y", 365 * day],
    ["500ms", 500],
    ["5m1ms", 300_001],
    ["0s", 0],
  ])("reads %s as %d ms", (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each(["", "5", "m", "-5m", "1.5h", "30m1h", "5m5m", "5 m", "5M", "soon", "1h\n", "99999999999999999999y"])(
    "takes %j for no duration",
    (text) => {
      expect(parseDuration(text)).toBeNull();
    },
  );

  it("writes any number of milliseconds so that it reads the same number back", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.maxSafeNat(),
          fc.nat(100 * day),
          fc.nat(400).map((n) => n * 900_000),
        ),
        (milliseconds) => {
          expect(parseDuration(formatDuration(milliseconds))).toBe(milliseconds);
        },
      ),
    );
  });

  it.each([
    [300_000, "5m"],
    [5_400_000, "1h30m"],
    [7 * day, "7d"],
    [300_001, "5m1ms"],
    [0, "0s"],
  ])("writes %d ms as %s", (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });

  it("adds up what it reads, the units from large to small", () => {
    const unit = (name: string, size: number) =>
      fc
        .option(fc.nat(500), { nil: null })
        .map((n): [string, number] => (n === null ? ["", 0] : [`${n}${name}`, n * size]));
    const parts = fc.tuple(unit("d", day), unit("h", 3_600_000), unit("m", 60_000), unit("s", 1000), unit("ms", 1));
    fc.assert(
      fc.property(parts, (list) => {
        const text = list.map(([written]) => written).join("");
        fc.pre(text !== "");
        expect(parseDuration(text)).toBe(list.reduce((sum, [, size]) => sum + size, 0));
      }),
    );
  });

  it.each([
    ["2026-11-22T10:00:00Z", Date.UTC(2026, 10, 22, 10)],
    ["2026-11-22 10:00:00.25+01:00", Date.UTC(2026, 10, 22, 9, 0, 0, 250)],
    ["1700000000", 1_700_000_000_000],
    ["1700000000.123", 1_700_000_000_123],
    ["0", 0],
  ])("reads the time %s", (text, time) => {
    expect(parseTime(text)).toBe(time);
  });

  it.each(["", "yesterday", "2026-11-22", "2026-11-22T10:00:00", "2026-13-22T10:00:00Z", "-1", "1e9", "1700000000000"])(
    "takes %j for no time",
    (text) => {
      expect(parseTime(text)).toBeNull();
    },
  );

  it("reads back every time that it is told in RFC 3339 or in seconds", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Date.UTC(2200, 0) }), (time) => {
        expect(parseTime(new Date(time).toISOString())).toBe(time);
        expect(parseTime(String(time / 1000))).toBe(time);
      }),
    );
  });
});
