import { describe, expect, it } from "vitest";
import { newestScrape, scrapeGaps } from "../../lib/poll/gaps.ts";
import { fakeTelemetry } from "./fake-telemetry.ts";

const minute = 60_000;
const hour = 60 * minute;
const to = Date.UTC(2026, 10, 22, 12);
const window = { from: to - hour, to };

/** A Prometheus that scraped every `every` ms from long ago on, but not between the times given (ms before `to`). */
function scraping(every: number, ...silent: [from: number, until: number][]) {
  const values: [number, number][] = [];
  for (let back = 4 * hour; back >= 0; back -= every) {
    if (!silent.some(([from, until]) => back < from && back >= until)) values.push([to - back, 1]);
  }
  return fakeTelemetry({ metric: "up", labels: {}, values });
}
const ago = (list: { from: number; to: number }[] | null) => list?.map((gap) => [to - gap.from, to - gap.to]);

describe("poll/gaps", () => {
  it.each([15_000, 30_000, minute, 2 * minute, 3 * minute, 10 * minute])(
    "finds none where it scraped every %d ms",
    async (every) => {
      expect(await scrapeGaps(scraping(every), window)).toEqual([]);
    },
  );

  it("finds the time without a scrape, good to a minute or two", async () => {
    const [gap, ...others] = (await scrapeGaps(scraping(15_000, [30 * minute, 20 * minute]), window)) ?? [];
    expect(others).toEqual([]);
    expect(to - (gap?.from ?? 0)).toBeLessThanOrEqual(32 * minute);
    expect(to - (gap?.from ?? 0)).toBeGreaterThanOrEqual(29 * minute);
    expect(to - (gap?.to ?? 0)).toBeLessThanOrEqual(22 * minute);
    expect(to - (gap?.to ?? 0)).toBeGreaterThanOrEqual(20 * minute);
  });

  it("finds a gap between scrapes that are far apart, and takes one that failed for none", async () => {
    const found = async (from: number, until: number) =>
      ago(await scrapeGaps(scraping(5 * minute, [from, until]), window));
    expect(await found(41 * minute, 39 * minute)).toEqual([]);
    expect(await found(51 * minute, 19 * minute)).toEqual([[55 * minute, expect.any(Number)]]);
  });

  it("tells two gaps apart, and leaves out what is too short to be one", async () => {
    const telemetry = scraping(
      15_000,
      [50 * minute, 40 * minute],
      [35 * minute, 34 * minute],
      [20 * minute, 10 * minute],
    );
    expect(await scrapeGaps(telemetry, window)).toHaveLength(2);
  });

  it("stays within the window where a gap begins before it or is not over yet", async () => {
    expect(ago(await scrapeGaps(scraping(15_000, [3 * hour, 50 * minute]), window))).toEqual([
      [hour, expect.any(Number)],
    ]);
    const [gap] = (await scrapeGaps(scraping(15_000, [10 * minute, -1]), window)) ?? [];
    expect(gap?.to).toBe(to);
  });

  it("knows nothing where there is no `up` at all", async () => {
    expect(await scrapeGaps(fakeTelemetry(), window)).toBeNull();
  });

  it("asks once, for no more than 2000 steps, and leaves no time between two of them unseen", async () => {
    for (const length of [5 * minute, hour, 30 * 24 * hour]) {
      const telemetry = fakeTelemetry();
      const asked: { from: number; to: number; step: number }[] = [];
      telemetry.range = async (_promql, from, end, step) => {
        asked.push({ from, to: end, step });
        return [];
      };
      await scrapeGaps(telemetry, { from: to - length, to });
      expect(asked).toMatchObject([{ from: to - length, to }]);
      expect(length / (asked[0]?.step ?? 0)).toBeLessThanOrEqual(2000);
    }
  });
});

describe("the newest scrape", () => {
  const newest = async (telemetry: ReturnType<typeof scraping>, of = window) =>
    await newestScrape(telemetry, of, await scrapeGaps(telemetry, of));

  it("is the window's end where that is in no gap, whatever was before", async () => {
    expect(await newest(scraping(15_000))).toBe(to);
    expect(await newest(scraping(15_000, [30 * minute, 20 * minute]))).toBe(to);
  });

  it("is where the gap began that the window ends in, also before the window", async () => {
    for (const ago of [30 * minute, 3 * hour]) {
      const found = to - ((await newest(scraping(15_000, [ago, -1]))) ?? 0);
      expect(found).toBeGreaterThanOrEqual(ago - minute);
      expect(found).toBeLessThanOrEqual(ago + minute);
    }
  });

  it("is found in a window too short to hold a whole gap", async () => {
    const found = to - ((await newest(scraping(15_000, [2 * hour, -1]), { from: to - 5 * minute, to })) ?? 0);
    expect(Math.abs(found - 2 * hour)).toBeLessThanOrEqual(minute);
  });

  it("is unknown where that is not answered, which is no error of the run", async () => {
    const telemetry = scraping(15_000, [3 * hour, -1]);
    const gaps = await scrapeGaps(telemetry, window);
    telemetry.range = () => Promise.reject(new Error("too expensive"));
    expect(await newestScrape(telemetry, window, gaps)).toBeNull();
  });

  it("is a day ago where it is longer ago, and unknown where no `up` is kept", async () => {
    const values: [number, number][] = [[to - 23 * hour - 59 * minute, 1]];
    expect(await newest(fakeTelemetry({ metric: "up", labels: {}, values }))).toBeLessThanOrEqual(to - 23 * hour);
    expect(await newest(fakeTelemetry())).toBeNull();
  });
});
