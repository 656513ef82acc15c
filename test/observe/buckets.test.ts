import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Counted, Counter, Labels, Samples } from "../../lib/model.ts";
import { bucketCounts } from "../../lib/observe/buckets.ts";
import { growth } from "../../lib/observe/count.ts";
import { blocked, http, samples, settings, tcp } from "./make.ts";

const length = 100;
/** Ten buckets. */
const window = { from: 1000, to: 2000 };
const of = (counter: Counter, ...series: Samples[]): Counted<Samples> => ({ counter, series });
const counts = (counted: Counted<Samples>[], dataBegins: number | null = null) =>
  bucketCounts(counted, window, length, dataBegins, settings).map((one) => one.counts);
const host = (change: Labels = {}) => http("a.example.com", { ...blocked, ...change });
/** Ten buckets, empty but for some. */
const ten = (some: Record<number, number>) => Array.from({ length: 10 }, (_, index) => some[index] ?? 0);

describe("observe/buckets", () => {
  it("counts in each bucket what was scraped in it: after its beginning, up to its end", () => {
    const one = samples(
      host(),
      [990, 5],
      [1000, 6],
      [1001, 8],
      [1100, 9],
      [1101, 13],
      [1900, 13],
      [2000, 14],
      [2001, 99],
    );
    expect(counts([of("requests", one)])).toEqual([ten({ 0: 3, 1: 4, 9: 1 })]);
  });

  it("tells which source and destination it was", () => {
    const [one] = bucketCounts([of("requests", samples(host(), [1500, 1]))], window, length, null, settings);
    expect(one).toMatchObject({
      key: expect.stringMatching(/^[0-9a-f]{32}$/),
      source: { namespace: "shop", workload: "web" },
      destination: { verdict: "blocked", host: "a.example.com" },
    });
  });

  it("adds up a destination's series, and each counter once however many scrape it", () => {
    const pods = ["10.0.0.1:15020", "10.0.0.1:15090", "10.0.0.2:15020"].map((instance) =>
      samples(host({ instance }), [990, 5], [1150, 7]),
    );
    expect(counts([of("requests", ...pods)])).toEqual([ten({ 1: 4 })]);
  });

  it("counts resets, and passes over what no counter holds", () => {
    const one = samples(host(), [990, 50], [1050, Number.NaN], [1150, 3], [1160, -1], [1250, 4]);
    expect(counts([of("requests", one)])).toEqual([ten({ 1: 3, 2: 1 })]);
  });

  it("counts a blocked connection once: as opened where openings were ever counted, else as closed", () => {
    const to = tcp("203.0.113.7:25", blocked);
    const closed = of("closed", samples(to, [990, 1], [1150, 3]));
    expect(counts([closed])).toEqual([ten({ 1: 2 })]);
    expect(counts([of("opened", samples(to, [990, 1], [1190, 1], [1250, 2])), closed])).toEqual([ten({ 2: 1 })]);
  });

  it("counts a first sample in full, as a counter begins at zero, but not where all data begins", () => {
    const one = of("requests", samples(host(), [1150, 7], [1250, 8]));
    expect(counts([one])).toEqual([ten({ 1: 7, 2: 1 })]);
    expect(counts([one], 1100)).toEqual([ten({ 2: 1 })]);
    expect(counts([one], 900)).toEqual([ten({ 1: 7, 2: 1 })]);
  });

  it("leaves out what is no egress", () => {
    const internal = { ...settings, internal: ["10.0.0.0/8"] };
    const one = of("opened", samples(tcp("10.1.2.3:25", blocked), [1150, 7]));
    expect(bucketCounts([one], window, length, null, internal)).toEqual([]);
  });

  it("spreads what was counted in a hole of the scrapes evenly over it, in whole calls", () => {
    const over = (before: number, from: number, to: number, value: number) =>
      counts([of("requests", samples(host(), [from, before], [to, value]))]);
    expect(over(0, 1100, 1600, 50)).toEqual([[0, 10, 10, 10, 10, 10, 0, 0, 0, 0]]);
    expect(over(7, 1100, 1600, 9)).toEqual([[7, 0, 1, 0, 1, 0, 0, 0, 0, 0]]);
    expect(over(0, 1050, 1350, 30)).toEqual([[5, 10, 10, 5, 0, 0, 0, 0, 0, 0]]);
  });

  it("counts of a hole that began before the window just what belongs in it", () => {
    const one = samples(host(), [200, 0], [1200, 100]);
    expect(counts([of("requests", one)])).toEqual([ten({ 0: 10, 1: 10 })]);
  });

  it("counts a counter that began anew in a hole when it is there again: it may have begun just now", () => {
    expect(counts([of("requests", samples(host(), [200, 50], [1200, 30]))])).toEqual([ten({ 1: 30 })]);
  });

  it("comes to the growth of the whole window, whatever the samples are, and whatever hole is in it", () => {
    const between = (min: number, max: number) =>
      fc.array(fc.tuple(fc.integer({ min, max }), fc.nat(9)), { maxLength: 15 });
    const values = fc
      .tuple(between(1001, 1300), between(1700, 2000))
      .map(([early, late]): [number, number][] => [[1000, 5], ...[...early, ...late].sort(([a], [b]) => a - b)]);
    fc.assert(
      fc.property(values, (list) => {
        const sum = (counts([of("requests", samples(host(), ...list))])[0] ?? []).reduce((a, b) => a + b, 0);
        expect(sum).toBe(growth(list, window)?.count ?? 0);
      }),
      { numRuns: 1000 },
    );
  });
});
