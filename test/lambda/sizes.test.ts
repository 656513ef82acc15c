import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

it("poll reads 450 KB at its start, at most", () => {
  const sizes = JSON.parse(readFileSync(new URL("../../dist/functions/sizes.json", import.meta.url), "utf8"));
  expect(sizes.poll.start).toBeGreaterThan(100_000);
  expect(sizes.poll.start).toBeLessThanOrEqual(450_000);
});
