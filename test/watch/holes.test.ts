/** Proxies that were not scraped for a while: what they counted before must not come again, as a call or as a spike. */
import { describe, expect, it } from "vitest";
import type { Stored } from "../poll/fake-telemetry.ts";
import { blocked, day, found, hour, minute, noon, requested, world } from "../scout-make.ts";

/** The same counter, not scraped in (from, to]. */
const unscraped = (one: Stored, from: number, to: number): Stored => ({
  ...one,
  values: one.values.filter(([time]) => time <= from || time > to),
});
const often = (times: number, every: number, from: number) => Array.from({ length: times }, (_, n) => from + n * every);
const other = requested("b.example.com", [noon - hour], { source_workload: "other" });
const kinds = (list: string[]) => list.map((one) => one.split(" ")[0]);

describe("a proxy that was not scraped for hours", () => {
  it("does not tell as a spike all that it ever blocked, nor what it blocked meanwhile at its usual pace", async () => {
    const usual = requested("a.example.com", often(3000, 5 * minute, noon - 9 * day), blocked);
    const one = world(unscraped(usual, noon + hour, noon + 5 * hour), other);
    await one.run(noon, { learn: 7 * day });
    const scans = [];
    for (let to = noon + 5 * minute; to <= noon + 6 * hour; to += 5 * minute) scans.push(...found(await one.run(to)));
    expect(scans).toEqual([]);
  });

  it("still tells a spike that begins once it is scraped again", async () => {
    const usual = often(3000, 5 * minute, noon - 9 * day);
    const storm = often(300, 5_000, noon + 5 * hour + 10 * minute);
    const calls = requested("a.example.com", [...usual, ...storm], blocked);
    const one = world(unscraped(calls, noon + hour, noon + 5 * hour), other);
    await one.run(noon, { learn: 7 * day });
    const scans = [];
    for (let to = noon + 5 * minute; to <= noon + 6 * hour; to += 5 * minute) scans.push(...found(await one.run(to)));
    expect(kinds(scans)).toEqual(["blocked-spike"]);
  });

  it("shows how a spike went, with the hour before it", async () => {
    const usual = [...often(12, day, noon - 12 * day), noon - 20 * minute - 1, noon - 20 * minute];
    const calls = requested("a.example.com", [...usual, ...often(60, 5_000, noon + 5 * minute + 1)], blocked);
    const one = world(calls, other);
    await one.run(noon, { learn: 13 * day });
    for (const to of [noon + 5 * minute, noon + 10 * minute]) await one.run(to);
    const [spike] = [...(await one.store.open("prod")).values()].filter(({ kind }) => kind === "blocked-spike");
    expect(spike?.recent).toEqual([0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 60]);
  });

  it("did not come back to what it called months ago", async () => {
    const calls = [noon - hour, noon - hour + minute];
    const [gone, back] = [noon + 95 * day, noon + 95 * day + 2 * hour];
    const again = requested("b.example.com", [...calls, back + 30 * minute], {}, back + hour);
    const one = world(
      ...[requested("a.example.com", calls, {}, back + hour), again].map((counter) => {
        const whole = unscraped(counter, gone, back);
        return { ...whole, values: whole.values.filter(([time]) => time % hour === 0 || time > gone) };
      }),
    );
    await one.run(noon);
    await one.run(gone);
    await one.run(back - minute);
    expect(found(await one.run(back + 15 * minute)).filter((text) => !text.startsWith("blind"))).toEqual([]);
    expect(found(await one.run(back + hour)).filter((text) => !text.startsWith("blind"))).toEqual([
      "new-destination b.example.com:80 x1",
    ]);
  });
});

describe("a workload with more destinations than are remembered", () => {
  it("is asked for what it calls for the first time alone, and counts what it called before no more", async () => {
    const to = (n: number) => `h${n}.example.com`;
    const scan = Array.from({ length: 1200 }, (_, n) =>
      // Those of every other one call again in the second run.
      requested(to(n), n % 2 === 1 ? [noon + minute, noon + 20 * minute] : [noon + minute], {}, noon + 2 * hour),
    );
    const one = world(...scan);
    await one.run(noon);
    await one.run(noon + 15 * minute);
    one.telemetry.stored.push(requested("late.example.com", [noon + 21 * minute], {}, noon + 2 * hour));
    one.telemetry.questions.length = 0;
    expect(found(await one.run(noon + 30 * minute))).toEqual([]);
    expect(one.telemetry.questions.length).toBeLessThan(15);
    const [open] = [...(await one.store.open("prod")).values()];
    expect(open).toMatchObject({ kind: "fan-out", destinations: 1201, count: 1201 });
  });
});
