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
    const one = samples(host(), [990, 5], [1000, 6], [1001, 8], [1100, 9], [1101, 13], [2000, 14], [2001, 99]);
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
    expect(counts([of("opened", samples(to, [990, 1], [1250, 2])), closed])).toEqual([ten({ 2: 1 })]);
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

  it("comes to the growth of the whole window, whatever the samples are", () => {
    const values = fc
      .array(fc.tuple(fc.integer({ min: 500, max: 2200 }), fc.nat(9)), { maxLength: 30 })
      .map((all) => all.sort(([a], [b]) => a - b));
    fc.assert(
      fc.property(values, (list) => {
        const sum = (counts([of("requests", samples(host(), ...list))])[0] ?? []).reduce((a, b) => a + b, 0);
        expect(sum).toBe(growth(list, window)?.count ?? 0);
      }),
      { numRuns: 1000 },
    );
  });
});
