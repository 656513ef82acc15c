import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { forecast, type Judged, observe } from "../../../lib/detect/spike/observe.ts";
import { type SpikeParameters, spikeParameters, threshold } from "../../../lib/detect/spike/parameters.ts";
import { newState, type SpikeState } from "../../../lib/detect/spike/state.ts";
import { countAt, type GoldenCase, goldenCases, type Result } from "./golden.ts";

const usual: SpikeParameters = { threshold: threshold(0.25, 1), minExcess: 4.5, minRatio: 1.5 };

/** The state after a case's history. */
function historyOf(golden: GoldenCase, parameters: SpikeParameters): SpikeState {
  const state = newState();
  const end = golden.start + golden.buckets;
  for (let bucket = golden.start; bucket < end; bucket += 1)
    observe(state, bucket, countAt(golden, bucket), parameters);
  return state;
}

/** A state that saw `count` in each of the first buckets. */
function fed(buckets: number, count: (bucket: number) => number | null): SpikeState {
  const state = newState();
  for (let bucket = 0; bucket < buckets; bucket += 1) observe(state, bucket, count(bucket), usual);
  return state;
}

function judged(state: SpikeState, bucket: number, count: number, parameters = usual): Judged {
  const judgement = observe(state, bucket, count, parameters);
  if (judgement.status !== "judged") throw new Error(judgement.status);
  return judgement;
}

describe("detect/spike/observe, golden vectors", () => {
  it.each(goldenCases.map((golden) => [golden.name, golden] as const))("%s", (_, golden) => {
    const parameters = { ...usual, threshold: threshold(golden.params?.falseAlarmsPerKeyWeek ?? 0.25, 1) };
    const state = historyOf(golden, parameters);
    golden.current.forEach((count, i) => {
      const bucket = golden.start + golden.buckets + i;
      const wanted: Result = golden.result[i] ?? { status: "none" };
      const before = count === null ? null : forecast(state, bucket, count);
      const got = observe(state, bucket, count, parameters);
      if (got.status !== "judged") {
        expect(got.status).toBe(wanted.status);
        return;
      }
      expect(wanted.status).toBe("ok");
      expect(Math.abs(got.evidence - (wanted.evidence ?? Number.NaN))).toBeLessThan(1e-6);
      expect(Math.abs(got.threshold - (wanted.threshold ?? Number.NaN))).toBeLessThan(1e-7);
      for (const key of ["since", "total", "opened", "closed", "open"] as const) expect(got[key]).toBe(wanted[key]);
      expect(got.text).toBe(wanted.text ?? null);
      for (const key of ["expected", "totalExpected"] as const) {
        expect(Math.abs(got[key] / (wanted[key] ?? Number.NaN) - 1)).toBeLessThan(1e-7);
      }
      // The norm's own tail is a difference of numbers near one: it is good to about 1e-8.
      expect(Math.abs((before?.p ?? Number.NaN) - (wanted.p ?? Number.NaN))).toBeLessThan(2e-8);
      expect(before?.expected).toBe(got.expected);
      if (got.opened !== null) expect(got.p).toBe(before?.p);
    });
  });
});

describe("detect/spike/observe", () => {
  it("changes nothing for a bucket it was fed before", () => {
    const state = fed(300, () => 2);
    const before = structuredClone(state);
    expect(observe(state, 299, 500, usual)).toEqual({ status: "repeated" });
    expect(observe(state, 0, null, usual)).toEqual({ status: "repeated" });
    expect(state).toEqual(before);
  });

  it("takes buckets left out as missing", () => {
    const whole = fed(300, () => 2);
    const skipped = structuredClone(whole);
    for (let bucket = 300; bucket < 310; bucket += 1) observe(whole, bucket, null, usual);
    expect(observe(whole, 310, 90, usual)).toEqual({ status: "after-gap" });
    expect(observe(skipped, 310, 90, usual)).toEqual({ status: "after-gap" });
    expect(skipped).toEqual(whole);
  });

  it("never resolves an episode without data", () => {
    const state = fed(4032, () => 0);
    expect(judged(state, 4032, 20).opened).toBe("new");
    for (let bucket = 4033; bucket < 4333; bucket += 1) observe(state, bucket, null, usual);
    observe(state, 4333, 0, usual);
    expect(state.episode.open).toBe(true);
  });

  it("resolves one that goes on and on as the new normal, and one that ends as quiet", () => {
    const state = fed(4032, () => 0);
    const results = Array.from({ length: 300 }, (_, i) => judged(state, 4032 + i, 20));
    expect(results.flatMap(({ opened }) => opened ?? [])).toEqual(["new"]);
    expect(results.flatMap(({ closed }) => closed ?? [])).toEqual(["new-normal"]);
    const short = fed(4032, () => 0);
    for (let bucket = 4032; bucket < 4036; bucket += 1) judged(short, bucket, 20);
    expect(Array.from({ length: 12 }, (_, i) => judged(short, 4036 + i, 0).closed ?? [])).toContain("quiet");
  });

  it("says again, not new, where an episode comes back within an hour", () => {
    const state = fed(4032, () => 0);
    judged(state, 4032, 20);
    for (let bucket = 4033; bucket < 4040; bucket += 1) judged(state, bucket, 0);
    expect(state.episode).toMatchObject({ open: false, closedAt: 4038 });
    const opened = Array.from({ length: 4 }, (_, i) => judged(state, 4040 + i, 50).opened);
    expect(opened.filter((one) => one !== null)).toEqual(["again"]);
    expect(state.episode.openedAt).toBe(4032);
  });

  it("finds a storm of any size at once, where the design's six excesses would take it for normal", () => {
    const fleet = { threshold: threshold(1, 500), minExcess: 4.5, minRatio: 2 };
    for (const history of [
      () => 0,
      (bucket: number) => 2 + ((bucket * 7919) % 7),
      (bucket: number) => 280 + ((bucket * 7919) % 41),
    ]) {
      const state = fed(4032, history);
      for (const excess of [700, 1000, 3000, 20_000, 1e6, 1e9]) {
        const struck = structuredClone(state);
        const opened = [0, 1].map((i) => judged(struck, 4032 + i, history(4032 + i) + excess, fleet).opened);
        if (history(0) < 100 || excess >= 5000) expect(opened).toContain("new");
      }
    }
  });

  it("takes counts that are none as missing, rounds fractions and survives the largest", () => {
    const state = fed(600, () => 1);
    for (const [i, count] of [Number.NaN, Number.POSITIVE_INFINITY, -1].entries()) {
      expect(observe(state, 600 + i, count, usual)).toEqual({ status: "missing" });
    }
    observe(state, 603, 1, usual);
    expect(judged(state, 604, 1.4).total % 1).toBe(0);
    for (let bucket = 605; bucket < 700; bucket += 1) {
      const { evidence, expected } = judged(state, bucket, bucket % 3 === 0 ? Number.MAX_VALUE : 0);
      expect(Number.isFinite(evidence) && Number.isFinite(expected)).toBe(true);
    }
    expect(state.weights.every((weight) => weight > 0 && weight <= 1)).toBe(true);
  });

  it("refuses what is no bucket", () => {
    for (const bucket of [-1, 0.5, Number.NaN, 2 ** 31])
      expect(() => observe(newState(), bucket, 0, usual)).toThrow("no bucket");
  });

  it("keeps to the floor and the ratio a user asked for", () => {
    const quiet = () => fed(4032, () => 0);
    const floor = (calls: number) => ({ ...spikeParameters({ falseAlarmsPerWeek: 0.25, floor: calls, ratio: 2 }, 1) });
    expect(judged(quiet(), 4032, 5, floor(5)).opened).toBe("new");
    expect(judged(quiet(), 4032, 5, floor(6)).opened).toBe(null);
    const high = fed(4032, (bucket) => 100 + (bucket % 3));
    const stays = (ratio: number, parameters = spikeParameters({ falseAlarmsPerWeek: 0.25, floor: 5, ratio }, 1)) => {
      const state = structuredClone(high);
      return Array.from({ length: 6 }, (_, i) => judged(state, 4032 + i, 260, parameters).opened).some(
        (one) => one !== null,
      );
    };
    expect([stays(1.5), stays(2), stays(3)]).toEqual([true, true, false]);
  });

  it("asks the ratio of the run, and one and a half times of the bucket with which an episode opens", () => {
    const state = fed(4032, (bucket) => 20 + ((bucket * 7919) % 7));
    const asked = (floor: number) => spikeParameters({ falseAlarmsPerWeek: 0.25, floor, ratio: 2 }, 1);
    const struck = [0, 1].map((i) => judged(state, 4032 + i, 60, asked(1000)));
    const [, { total = 0, totalExpected = 0 } = {}] = struck;
    // It lacks three calls of the floor, and nothing else.
    const parameters = asked(Math.round(total - totalExpected) + 3);
    const { expected } = forecast(state, 4034, 0);
    const times = (ratio: number) => Math.round(ratio * expected);
    const opened = [1.4, 1.6].map((ratio) => judged(structuredClone(state), 4034, times(ratio), parameters).opened);
    expect(opened).toEqual([null, "new"]);
    // Once open it goes on where a bucket is twice what is usual.
    judged(state, 4034, times(1.6), parameters);
    const after = Array.from({ length: 6 }, (_, i) => judged(state, 4035 + i, times(1.6), parameters).closed);
    expect(after.flatMap((closed) => closed ?? [])).toEqual(["quiet"]);
  });

  it("is always finite, keeps weights that sum to one, and needs no more than the state", () => {
    const count = fc.oneof(fc.constant(null), fc.constant(0), fc.nat(3), fc.nat(400), fc.nat(2 ** 31));
    fc.assert(
      fc.property(fc.array(count, { maxLength: 120 }), fc.nat(4032), (counts, start) => {
        const state = newState();
        for (const [i, one] of counts.entries()) {
          const other = structuredClone(state);
          const judgement = observe(state, start + i, one, usual);
          expect(observe(other, start + i, one, usual)).toEqual(judgement);
          if (judgement.status === "judged") {
            expect(Number.isFinite(judgement.evidence)).toBe(true);
            expect(judgement.expected).toBeGreaterThan(0);
          }
        }
        expect(state.weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 9);
      }),
      { numRuns: 60, seed: 3 },
    );
  });
});
