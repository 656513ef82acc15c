import { describe, expect, it } from "vitest";
import { logBetaNb, logNbShape, logWays } from "../../../lib/detect/spike/beta-nb.ts";
import { bfloat16, fromBits, toBits } from "../../../lib/detect/spike/bfloat16.ts";
import { bucketAt, bucketLength, bucketStart, bucketsPerWeek } from "../../../lib/detect/spike/bucket.ts";
import { logStorm } from "../../../lib/detect/spike/evidence.ts";
import { explain, formatExpected } from "../../../lib/detect/spike/explain.ts";
import { lgamma } from "../../../lib/detect/spike/lgamma.ts";
import { forecast, observe } from "../../../lib/detect/spike/observe.ts";
import { spikeParameters, threshold } from "../../../lib/detect/spike/parameters.ts";
import { newState } from "../../../lib/detect/spike/state.ts";

const relative = (got: number, wanted: number) => Math.abs(got - wanted) / Math.abs(wanted);
const usual = { threshold: 9, minExcess: 4.5, minRatio: 1.5 };

describe("detect/spike/lgamma", () => {
  // Of the C library's lgamma, by way of Python.
  it.each([
    [1e-9, 20.723265836369194],
    [0.001, 6.907178885383854],
    [0.5, 0.5723649429247004],
    [1.5, -0.12078223763524543],
    [2.5, 0.2846828704729196],
    [3.75, 1.4868155785934172],
    [9.999, 12.799575780077417],
    [10, 12.801827480081467],
    [10.5, 13.940625219403763],
    [123.456, 469.60554712992956],
    [2048, 13564.326353384677],
    [8388608.5, 125345812.55145836],
    [1e12, 26_631_021_115_915.652],
  ])("at %d", (x, wanted) => expect(relative(lgamma(x), wanted)).toBeLessThan(1e-12));

  it("is ln of a factorial, and zero at 1 and 2", () => {
    let factorial = 1n;
    for (let n = 1; n <= 170; n += 1) {
      factorial *= BigInt(n);
      if (n > 1) expect(relative(lgamma(n + 1), Math.log(Number(factorial)))).toBeLessThan(1e-14);
    }
    expect(Math.abs(lgamma(1))).toBeLessThan(1e-14);
    expect(Math.abs(lgamma(2))).toBeLessThan(1e-14);
  });
});

describe("detect/spike/beta-nb", () => {
  it("gives probabilities that sum to one and have the right mean", () => {
    for (const [r, a, b] of [
      [1, 4.2, 3],
      [0.5, 8, 2.5],
      [64, 640, 1.7],
    ] as const) {
      const chances = Array.from({ length: 20_000 }, (_, x) => Math.exp(logBetaNb(x, r, a, b)));
      expect(chances.reduce((sum, chance) => sum + chance, 0)).toBeCloseTo(1, 6);
      expect(chances.reduce((sum, chance, x) => sum + x * chance, 0)).toBeCloseTo((r * b) / (a - 1), 3);
    }
    const nb = Array.from({ length: 2000 }, (_, y) => Math.exp(logWays(y, 20) + logNbShape(y, 13.5, 20)));
    expect(nb.reduce((sum, chance) => sum + chance, 0)).toBeCloseTo(1, 10);
    expect(nb.reduce((sum, chance, y) => sum + y * chance, 0)).toBeCloseTo(13.5, 8);
  });
});

describe("detect/spike/evidence", () => {
  it("gives the storm's excesses chances that sum to one", () => {
    let sum = 0;
    for (let excess = 399; excess < 200_000; excess += 1) sum += Math.exp(logStorm(excess));
    expect(sum).toBeCloseTo(1 - (400 / 200_000) ** 0.25, 9);
    expect(logStorm(2 ** 40)).toBeGreaterThan(-40);
  });
});

describe("detect/spike/bfloat16", () => {
  it("rounds to the nearest, ties to even", () => {
    expect(bfloat16(1 + 1 / 128)).toBe(1 + 1 / 128);
    expect(bfloat16(1 + 1 / 256)).toBe(1);
    expect(bfloat16(1 + 3 / 256)).toBe(1 + 2 / 128);
    expect(bfloat16(1 + 1 / 256 + 2 ** -20)).toBe(1 + 1 / 128);
    expect(bfloat16(255.6)).toBe(256);
    expect(bfloat16(0)).toBe(0);
  });

  it("comes back from its bits", () => {
    for (let bits = 0; bits < 0x7f80; bits += 1) expect(toBits(fromBits(bits))).toBe(bits);
  });
});

describe("detect/spike/bucket", () => {
  it("counts from a Monday, UTC", () => {
    const monday = Date.parse("2026-03-02T00:00:00Z");
    expect(bucketAt(monday) % bucketsPerWeek).toBe(0);
    expect(bucketAt(monday - 1)).toBe(bucketAt(monday) - 1);
    expect(bucketAt(monday + bucketLength - 1)).toBe(bucketAt(monday));
    expect(bucketStart(bucketAt(monday + 1234))).toBe(monday);
  });
});

describe("detect/spike/parameters", () => {
  it("asks for evidence by the false alarms allowed", () => {
    expect(threshold(0.25, 1)).toBeCloseTo(8.99516499, 8);
    expect(threshold(1, 500)).toBeCloseTo(13.82348, 4);
    expect(threshold(1, 0)).toBe(threshold(1, 1));
    expect(threshold(1e9, 1)).toBe(0);
  });

  it("takes the config's floor as whole calls and its ratio as written", () => {
    expect(spikeParameters({ falseAlarmsPerWeek: 1, floor: 5, ratio: 2 }, 500)).toEqual({
      threshold: threshold(1, 500),
      minExcess: 4.5,
      minRatio: 2,
    });
  });
});

describe("detect/spike/explain", () => {
  it("says what, in how long, against what, and when last", () => {
    expect(explain({ total: 29, expected: 9.94, buckets: 2, ago: null })).toBe(
      "29 blocked in 10 min; expected 9.9; last like this: never",
    );
    expect(explain({ total: 1, expected: 0, buckets: 1, ago: 111 })).toBe(
      "1 blocked in 5 min; expected 0; last like this: 9.2 h ago",
    );
  });

  it.each([
    [6.46e-5, "6.5e-05"],
    [6e-7, "6e-07"],
    [0.00012, "0.00012"],
    [0.0117, "0.012"],
    [0.16, "0.16"],
    [5.0001, "5"],
    [9.96, "10"],
    [12.5, "12"],
    [13.5, "14"],
    [1234.4, "1234"],
  ])("writes %d as %s", (value, text) => expect(formatExpected(value)).toBe(text));
});

describe("detect/spike/tail", () => {
  it("falls as the count rises, from one, also where terms are no longer added one by one", () => {
    const state = newState();
    for (let bucket = 0; bucket < 600; bucket += 1) observe(state, bucket, 20_000 + ((bucket * 7919) % 701), usual);
    const chances = [0, 1, 5000, 15_000, 19_000, 20_300, 21_000, 25_000, 1e6, 1e9].map(
      (count) => forecast(state, 600, count).p,
    );
    expect(chances[0]).toBe(1);
    for (const [i, chance] of chances.entries()) expect(chance).toBeLessThanOrEqual((chances[i - 1] ?? 1) + 1e-9);
    expect(chances[3]).toBeGreaterThan(0.9);
    expect(chances[5]).toBeGreaterThan(0.3);
    expect(chances[5]).toBeLessThan(0.7);
    expect(chances[7]).toBeLessThan(0.1);
    expect(chances[9]).toBeLessThan(1e-3);
  });
});
