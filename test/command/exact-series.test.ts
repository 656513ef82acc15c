import { describe, expect, it } from "vitest";
import { findings, second } from "./exact.ts";
import { onEachServer } from "./exact-servers.ts";
import { type Layout, tell } from "./exact-story.ts";

const layouts: Layout[] = [
  { name: "every 15 s", seed: 1, everyMs: 15 * second, options: {} },
  { name: "every minute", seed: 5, everyMs: 60 * second, options: {} },
];

describe("one scrape job: all that is new is found, once, with the count that scrapes saw", () => {
  const stories = tell(layouts);
  onEachServer(
    stories.map((story) => story.past),
    (scanner) => {
      it.each(stories)(
        "$name",
        async ({ learned, times, truth }) => {
          expect(truth.flatMap((one) => one.found).length).toBeGreaterThan(100);
          expect(await findings(scanner(), learned, times)).toEqual(truth);
        },
        60_000,
      );
    },
  );
});
