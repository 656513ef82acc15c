/**
 * Every property for its share of EGRESS_FUZZ_SECONDS (60), from EGRESS_FUZZ_SEED: the same one unless told otherwise, so that a suite
 * that passed passes again; `npm run fuzz` looks for what is new. With EGRESS_FUZZ_ONLY, those whose name has that text; with
 * EGRESS_FUZZ_PATH, the one case where a seed's path leads to. EGRESS_FUZZ_OUT: a file for what came out.
 */
import { appendFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { properties } from "./all.ts";

const {
  EGRESS_FUZZ_SECONDS = "60",
  EGRESS_FUZZ_SEED = "1",
  EGRESS_FUZZ_ONLY = "",
  EGRESS_FUZZ_PATH,
  EGRESS_FUZZ_OUT,
} = process.env;
const seed = Number(EGRESS_FUZZ_SEED);
const chosen = properties.filter(({ name }) => name.includes(EGRESS_FUZZ_ONLY));
const time = (Number(EGRESS_FUZZ_SECONDS) * 1000) / Math.max(1, chosen.length);

test("there are properties to be tried", () => {
  expect(chosen).not.toEqual([]);
  expect(new Set(properties.map(({ name }) => name)).size).toBe(properties.length);
  expect([seed, time].every(Number.isFinite)).toBe(true);
});

describe(`from seed ${seed}`, () => {
  // The last case, and looking for the simplest that fails, may take longer.
  test.each(chosen)("$name", { timeout: time * 2 + 300_000 }, async ({ name, least, check }) => {
    const outcome = await check({ time, seed, path: EGRESS_FUZZ_PATH });
    if (EGRESS_FUZZ_OUT !== undefined) appendFileSync(EGRESS_FUZZ_OUT, `${JSON.stringify(outcome)}\n`);
    const { counterexample, runs } = outcome;
    if (counterexample !== null) {
      const { seed: from, path, text } = counterexample;
      expect.fail(
        `after ${runs} cases, EGRESS_FUZZ_SEED=${from} EGRESS_FUZZ_PATH=${path} EGRESS_FUZZ_ONLY=${JSON.stringify(name)}:\n${text}`,
      );
    }
    if (EGRESS_FUZZ_PATH === undefined) expect(runs, "so few cases show nothing").toBeGreaterThanOrEqual(least);
  });
});
