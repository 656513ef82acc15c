/** What a run knows of itself when it is over: how old the data was, what is open, what waits. */
import { describe, expect, it } from "vitest";
import { ScoutError } from "../lib/errors.ts";
import { policiesOf } from "../lib/policy/index.ts";
import { hour, minute, noon, requested, world } from "./scout-make.ts";

const policies = policiesOf([{ name: "p", deny: ["*.bad.example"] }]);
const calls = [5, 10, 20, 30].map((after) => noon + after * minute);
const mesh = async () => {
  const one = world(requested("known.example.com", [noon - hour]), requested("a.bad.example", calls));
  expect(await one.run(noon)).toMatchObject({ mode: "learn", newest: noon, open: 0, undelivered: 0 });
  return one;
};

describe("a run that is over", () => {
  it("tells what is open, and what waits for a channel that takes nothing", async () => {
    const one = await mesh();
    const channel = () => {
      throw new ScoutError("channel/unavailable", "it is away");
    };
    one.onSend = channel;
    expect(await one.run(noon + 15 * minute, { policies })).toMatchObject({ open: 1, undelivered: 1 });
    one.onSend = () => {};
    expect(await one.run(noon + hour, { policies })).toMatchObject({ open: 1, undelivered: 0 });
    expect(await one.run(noon + 6 * hour, { policies })).toMatchObject({ open: 0, undelivered: 0 });
  });

  it("does not count as open what somebody has silenced", async () => {
    const one = await mesh();
    const { findings } = await one.run(noon + 15 * minute, { policies });
    const [id = ""] = findings.filter(({ kind }) => kind === "policy-violation").map((found) => found.id);
    await one.store.rule({ id, verdict: "expected", until: null, reason: null, by: null, at: noon + 16 * minute });
    expect(await one.run(noon + 25 * minute, { policies })).toMatchObject({ open: 0 });
  });

  it("tells how old the data was: its end's, or where a gap began that is not over, run after run", async () => {
    const one = await mesh();
    expect(await one.run(noon + 30 * minute)).toMatchObject({ newest: noon + 30 * minute });
    for (const stored of one.telemetry.stored)
      stored.values = stored.values.filter(([time]) => time <= noon + 40 * minute);
    for (const to of [noon + 50 * minute, noon + 55 * minute, noon + 3 * hour]) {
      const { newest } = await one.run(to);
      expect(Math.abs((newest ?? 0) - (noon + 40 * minute))).toBeLessThanOrEqual(2 * minute);
    }
  });
});
