import { describe, expect, it } from "vitest";
import type { ScrapeOptions } from "../mesh/serve.ts";
import { findings, second } from "./exact.ts";
import { onEachServer } from "./exact-servers.ts";
import { type Layout, tell } from "./exact-story.ts";

const jobs: ScrapeOptions["jobs"] = ["kubernetes-pods", "envoy-stats"];
const replicas = ["a", "b"];

const layouts: Layout[] = [
  { name: "two jobs", seed: 2, everyMs: 15 * second, options: { jobs } },
  { name: "an HA pair", seed: 3, everyMs: 30 * second, options: { replicas } },
  { name: "two jobs of an HA pair", seed: 4, everyMs: 15 * second, options: { jobs, replicas } },
];

describe("counters scraped more than once: all that is new is found, once, with the count that scrapes saw", () => {
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
