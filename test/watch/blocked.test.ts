/** What is said where nothing at all is seen. */
import { expect, it } from "vitest";
import { watchGaps } from "../../lib/watch/blocked.ts";
import { minute, noon, world } from "../scout-make.ts";

it("no series of what was known: the text is a sentence but for its full stop", async () => {
  const window = { from: noon - 15 * minute, to: noon };
  const { blind } = await watchGaps(world().telemetry, window, { series: 0, known: 34 });
  expect(blind).toEqual([
    {
      code: "no-series",
      text: "no series of the catch-alls at all, though 34 destinations are known: perhaps the proxies are not scraped any more",
    },
  ]);
});
