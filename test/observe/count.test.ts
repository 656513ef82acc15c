import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Counted, Counter, Samples, Series } from "../../lib/model.ts";
import { countGrowth, countSamples, growth } from "../../lib/observe/count.ts";
import { observe } from "../../lib/observe/observe.ts";
import { http, row, samples, settings, tcp } from "./make.ts";

type Values = [time: number, value: number][];
const window = { from: 1000, to: 2000 };

/** What happens to a counter between two scrapes: calls, and perhaps a restart of its proxy before them. */
const step = fc.record({ after: fc.integer({ min: 1, max: 400 }), calls: fc.nat(5), restart: fc.boolean() });
/** A pod: born at some time, scraped at times of its own. The window is somewhere in its life, or not. */
const pod = fc.record({ born: fc.integer({ min: 0, max: 2200 }), steps: fc.array(step, { maxLength: 20 }) });
type Pod = typeof pod extends fc.Arbitrary<infer T> ? T : never;

/**
 * Plays a pod's life: the samples, and how many calls were scraped for the first time in the window. A restart that nobody could
 * see (the counter is again where it was, or further) is not played.
 */
function life({ born, steps }: Pod): { values: Values; truth: number } {
  const values: Values = [];
  let [time, counter, truth] = [born, 0, 0];
  for (const { after, calls, restart } of steps) {
    time += after;
    counter = restart && calls < counter ? calls : counter + calls;
    values.push([time, counter]);
    if (time > window.from && time <= window.to) truth += calls;
  }
  return { values, truth };
}

describe("observe/count", () => {
  it.each<[string, Values, number | null]>([
    ["nothing", [], null],
    [
      "no growth",
      [
        [900, 5],
        [1500, 5],
      ],
      null,
    ],
    [
      "growth",
      [
        [900, 5],
        [1500, 7],
        [2000, 8],
      ],
      3,
    ],
    ["a first call in a first sample", [[1500, 1]], 1],
    [
      "a sample at the window's beginning, which is before it",
      [
        [1000, 5],
        [1001, 6],
      ],
      1,
    ],
    [
      "samples after its end",
      [
        [1500, 1],
        [2001, 9],
      ],
      1,
    ],
    [
      "a reset",
      [
        [900, 50],
        [1200, 60],
        [1500, 3],
        [1800, 4],
      ],
      14,
    ],
    [
      "a reset before the window",
      [
        [800, 50],
        [900, 2],
        [1500, 3],
      ],
      1,
    ],
    [
      "a reset to zero and a call",
      [
        [900, 1],
        [1200, 0],
        [1500, 1],
      ],
      1,
    ],
    [
      "samples that are no number",
      [
        [900, 5],
        [1200, Number.NaN],
        [1300, -1],
        [1400, Number.POSITIVE_INFINITY],
        [1500, 7],
      ],
      2,
    ],
  ])("counts %s", (_, values, count) => {
    expect(growth(values, window)?.count ?? null).toBe(count);
  });

  it("tells when it first and last grew", () => {
    const values: Values = [
      [900, 5],
      [1200, 5],
      [1300, 6],
      [1600, 9],
      [1900, 9],
    ];
    expect(growth(values, window)).toEqual({ count: 4, firstSeen: 1300, lastSeen: 1600 });
  });

  it("counts exactly what was called, whatever restarts, is born or is scraped when", () => {
    fc.assert(
      fc.property(pod, (one) => {
        const { values, truth } = life(one);
        expect(growth(values, window)?.count ?? 0).toBe(truth);
      }),
      { numRuns: 3000 },
    );
  });

  it("counts no call twice and none that was not, where scrapes miss some", () => {
    fc.assert(
      fc.property(pod, fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }), (one, kept) => {
        const { values } = life(one);
        const whole = growth(values, { from: -1, to: 9999 })?.count ?? 0;
        const some = values.filter((_, index) => kept[index]);
        expect(growth(some, { from: -1, to: 9999 })?.count ?? 0).toBeLessThanOrEqual(whole);
      }),
    );
  });

  it("counts two windows, one after the other, as it counts both together", () => {
    fc.assert(
      fc.property(pod, fc.integer({ min: 1000, max: 2000 }), (one, middle) => {
        const { values } = life(one);
        const in_ = (from: number, to: number) => growth(values, { from, to })?.count ?? 0;
        expect(in_(1000, middle) + in_(middle, 2000)).toBe(in_(1000, 2000));
      }),
    );
  });

  it("adds up the pods of a workload, scraped by one job or by two", () => {
    fc.assert(
      fc.property(fc.array(pod, { minLength: 1, maxLength: 5 }), fc.boolean(), (pods, twice) => {
        const labels = http("api.example.com");
        const wanted = observe([{ counter: "requests", series: [row(labels)] }], window, settings);
        const lives = pods.map(life);
        const series = lives.flatMap(({ values }, index) => {
          const scraped = (port: number) =>
            samples({ ...labels, instance: `192.0.2.${index}:${port}`, job: `job-${port}` }, ...values);
          return twice ? [scraped(15020), scraped(15090)] : [scraped(15020)];
        });
        const [count] = countSamples([{ counter: "requests", series }], wanted, window, settings).values();
        expect(count?.count ?? 0).toBe(lives.reduce((sum, { truth }) => sum + truth, 0));
      }),
    );
  });

  const seen = (counter: Counter, value: number): Counted<Series> => ({
    counter,
    series: [row(tcp("203.0.113.7:25"), value)],
  });
  const told = (counter: Counter, ...values: Values): Counted<Samples> => ({
    counter,
    series: [samples(tcp("203.0.113.7:25"), ...values)],
  });

  it("counts openings, and closings only where nothing was ever counted as opened", () => {
    const both = observe([seen("opened", 9), seen("closed", 9)], window, settings);
    const counted = [told("opened", [900, 7], [1500, 9]), told("closed", [900, 5], [1600, 9])];
    expect([...countSamples(counted, both, window, settings).values()]).toMatchObject([{ count: 2, firstSeen: 1500 }]);
    expect([...countSamples([told("opened", [900, 9]), told("closed", [1500, 1])], both, window, settings)]).toEqual(
      [],
    );
    const blocked = observe([seen("closed", 9)], window, settings);
    const [count] = countSamples([told("closed", [900, 5], [1500, 9])], blocked, window, settings).values();
    expect(count).toEqual({ count: 4, firstSeen: 1500, lastSeen: 1500 });
  });

  it("counts only what is wanted", () => {
    const wanted = observe([{ counter: "requests", series: [row(http("a.example.com"))] }], window, settings);
    const series = [samples(http("b.example.com"), [1500, 3]), samples(http("a.example.com"), [1500, 2])];
    expect([...countSamples([{ counter: "requests", series }], wanted, window, settings)]).toEqual([
      [[...wanted.keys()][0], { count: 2, firstSeen: 1500, lastSeen: 1500 }],
    ]);
  });

  it("takes the growth that a server added up as it is, in whole calls, and the window for the time", () => {
    const labels = http("a.example.com");
    const wanted = observe([{ counter: "requests", series: [row(labels)] }], window, settings);
    const grown = (...series: Series[]) => [
      ...countGrowth([{ counter: "requests", series }], wanted, window, settings).values(),
    ];
    const times = { firstSeen: 1000, lastSeen: 2000 };
    expect(grown(row(labels, 2), row(http("A.example.com"), 3))).toEqual([{ count: 5, ...times }]);
    expect(grown(row(labels, 2.4), row(labels, Number.NaN))).toEqual([{ count: 2, ...times }]);
    expect(grown(row(labels, 0), row(http("b.example.com"), 7))).toEqual([]);
  });
});
