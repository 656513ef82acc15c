/** What is asked again and what is not, and what of it is worth writing. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { remembering } from "../../lib/enrich/remembering.ts";
import type { Answer } from "../../lib/model.ts";
import { fakeResolver, fakeTtl } from "./fake-resolver.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const now = Date.UTC(2026, 10, 22, 12);
const host = "api.example.com";

const answer = (question: string, over: Partial<Answer> = {}): Answer => ({
  question,
  values: ["203.0.113.7"],
  at: now - minute,
  until: now + 30_000,
  seen: question.startsWith("ptr ") ? [] : [["203.0.113.7", now - minute]],
  ...over,
});
const known = (...answers: Answer[]) => new Map(answers.map((one) => [one.question, one]));
const found = (values: string[], ttl: number) => ({ status: "found", values, ttl });

describe("what holds", () => {
  test("is not asked again, and holds as long as it did", async () => {
    const fake = fakeResolver({});
    const memory = known(
      answer("ptr 203.0.113.7", { values: ["a.example.com"] }),
      answer(`4 ${host}`),
      answer(`6 ${host}`, { values: [], seen: [] }),
    );
    const { resolver, answers } = remembering(fake, memory, now);
    expect(await resolver.reverse("203.0.113.7")).toEqual(found(["a.example.com"], 30_000));
    expect(await resolver.forward(host, 4)).toEqual(found(["203.0.113.7"], 30_000));
    expect(await resolver.forward(host, 6)).toEqual({ status: "none", ttl: 30_000 });
    expect(fake.asked).toEqual([]);
    expect(answers()).toEqual([]);
    expect(resolver.servers).toEqual(fake.servers);
  });

  test("is one family's and one question's", async () => {
    const fake = fakeResolver({});
    const { resolver } = remembering(fake, known(answer(`4 ${host}`), answer("ptr 203.0.113.7")), now);
    await resolver.forward(host, 6);
    await resolver.forward("www.example.com", 4);
    await resolver.reverse("203.0.113.8");
    expect(fake.asked).toEqual([`6 ${host}`, "4 www.example.com", "ptr 203.0.113.8"]);
  });

  test.each([
    ["ends with its time", { until: now }],
    ["never holds for longer than any answer does", { at: now - 12 * hour, until: now + 9000 * day }],
    ["is not from the future", { at: now + 1, until: now + hour }],
  ])("%s", async (_, over) => {
    const fake = fakeResolver({ [`4 ${host}`]: ["203.0.113.8"] });
    const { resolver } = remembering(fake, known(answer(`4 ${host}`, over)), now);
    expect(await resolver.forward(host, 4)).toEqual(found(["203.0.113.8"], fakeTtl.found));
  });
});

describe("what holds no longer", () => {
  const old = answer(`4 ${host}`, { until: now - 1 });

  test("is asked, and written again even where it says the same", async () => {
    const { resolver, answers } = remembering(fakeResolver({ [`4 ${host}`]: ["203.0.113.7"] }), known(old), now);
    await resolver.forward(host, 4);
    expect(answers()).toEqual([
      answer(`4 ${host}`, { at: now, until: now + fakeTtl.found, seen: [["203.0.113.7", now]] }),
    ]);
  });

  test("is not handed out where the DNS fails: the failure is, and nothing is written", async () => {
    const failing = fakeResolver({ [`4 ${host}`]: { failed: "ETIMEOUT" }, "ptr 203.0.113.7": { failed: "EREFUSED" } });
    const { resolver, answers, seen } = remembering(
      failing,
      known(old, answer("ptr 203.0.113.7", { until: now })),
      now,
    );
    expect(await resolver.forward(host, 4)).toEqual({ status: "failed", why: "ETIMEOUT" });
    expect(await resolver.again(host, 4)).toEqual({ status: "failed", why: "ETIMEOUT" });
    expect(await resolver.reverse("203.0.113.7")).toEqual({ status: "failed", why: "EREFUSED" });
    expect(answers()).toEqual([]);
    expect([...seen(host, 4)]).toEqual(old.seen);
  });

  test("is over where there is nothing any more; what it was stays seen", async () => {
    const { resolver, answers, seen } = remembering(fakeResolver({}), known(old), now);
    expect(await resolver.forward(host, 4)).toEqual({ status: "none", ttl: fakeTtl.none });
    expect(answers()).toEqual([
      { question: `4 ${host}`, values: [], at: now, until: now + fakeTtl.none, seen: old.seen },
    ]);
    expect([...seen(host, 4).keys()]).toEqual(["203.0.113.7"]);
  });
});

describe("again", () => {
  test("always asks, says what came, and keeps all that came in this run", async () => {
    const pool = [["203.0.113.2"], ["203.0.113.1", "203.0.113.3"], ["203.0.113.2"]];
    const fake = fakeResolver({ [`4 ${host}`]: pool });
    const { resolver, answers, seen } = remembering(fake, new Map(), now);
    expect(await resolver.forward(host, 4)).toMatchObject({ values: pool[0] });
    expect(await resolver.again(host, 4)).toMatchObject({ values: pool[1] });
    expect(await resolver.again(host, 4)).toMatchObject({ values: pool[2] });
    expect(fake.asked).toEqual([`4 ${host}`, `again 4 ${host}`, `again 4 ${host}`]);
    const all = ["203.0.113.1", "203.0.113.2", "203.0.113.3"];
    expect([...seen(host, 4)]).toEqual(all.map((address) => [address, now]));
    expect(answers()).toMatchObject([{ values: all, until: now + fakeTtl.found }]);
  });

  test("adds to what still holds, and never lets that hold for longer", async () => {
    const fake = fakeResolver({ [`4 ${host}`]: ["203.0.113.8"] });
    const { resolver, answers } = remembering(fake, known(answer(`4 ${host}`)), now);
    await resolver.again(host, 4);
    expect(answers()).toMatchObject([{ values: ["203.0.113.7", "203.0.113.8"], at: now, until: now + 30_000 }]);
  });

  test("that brings nothing takes nothing away", async () => {
    const fake = fakeResolver({ [`4 ${host}`]: ["203.0.113.7"], [`again 4 ${host}`]: { failed: "ETIMEOUT" } });
    const { resolver, answers } = remembering(fake, new Map(), now);
    await resolver.forward(host, 4);
    const before = answers();
    await resolver.again(host, 4);
    expect(answers()).toEqual(before);
    const none = remembering(fakeResolver({}), known(answer(`4 ${host}`)), now);
    await none.resolver.again(host, 4);
    expect(none.answers()).toEqual([]);
  });

  test("that says the same is not written but once an hour, for when an address was seen last", async () => {
    for (const [ago, writes] of [
      [hour, 0],
      [hour + 1, 1],
    ] as const) {
      const held = answer(`4 ${host}`, { at: now - ago, until: now + minute, seen: [["203.0.113.7", now - ago]] });
      const { resolver, answers } = remembering(fakeResolver({ [`4 ${host}`]: ["203.0.113.7"] }), known(held), now);
      await resolver.again(host, 4);
      expect(answers()).toHaveLength(writes);
    }
  });
});

describe("what was seen", () => {
  test("is of the last week, each address with its latest time, this run's included", async () => {
    const seen: Answer["seen"] = [
      ["203.0.113.1", now - 7 * day],
      ["203.0.113.2", now - 7 * day + 1],
      ["203.0.113.3", now - day],
    ];
    const memory = known(answer(`4 ${host}`, { until: now, seen }));
    const { resolver, answers, ...asked } = remembering(fakeResolver({ [`4 ${host}`]: ["203.0.113.2"] }), memory, now);
    expect(Object.fromEntries(asked.seen(host, 4))).toEqual({
      "203.0.113.2": now - 7 * day + 1,
      "203.0.113.3": now - day,
    });
    await resolver.forward(host, 4);
    const after = { "203.0.113.2": now, "203.0.113.3": now - day };
    expect(Object.fromEntries(asked.seen(host, 4))).toEqual(after);
    expect(Object.fromEntries(answers()[0]?.seen ?? [])).toEqual(after);
    expect(asked.seen("www.example.com", 4).size).toBe(0);
    expect(asked.seen(host, 6).size).toBe(0);
  });

  test("is the newest 64", async () => {
    const at = (index: number) => `198.51.100.${index}`;
    const seen: Answer["seen"] = Array.from({ length: 64 }, (_, index) => [at(index), now - index * minute]);
    const fresh = ["203.0.113.8", "203.0.113.9"];
    const memory = known(answer(`4 ${host}`, { until: now, seen }));
    const asked = remembering(fakeResolver({ [`4 ${host}`]: fresh }), memory, now);
    await asked.resolver.forward(host, 4);
    const kept = [...asked.seen(host, 4).keys()];
    expect(kept).toHaveLength(64);
    expect(kept).toEqual(expect.arrayContaining([...fresh, at(0), at(61)]));
    expect(kept).not.toContain(at(62));
  });

  test("is never later than now, whatever clock wrote it", () => {
    const memory = known(answer(`4 ${host}`, { seen: [["203.0.113.7", now + 300 * day]] }));
    expect([...remembering(fakeResolver({}), memory, now).seen(host, 4)]).toEqual([["203.0.113.7", now]]);
  });
});

test("run after run, from what was written: nothing is handed out for longer than it was said to hold", async () => {
  const addresses = fc.uniqueArray(fc.constantFrom(1, 2, 3, 4, 5), { maxLength: 3 });
  const step = fc.record({
    after: fc.constantFrom(1000, 30_000, minute, hour, 3 * day),
    said: fc.option(addresses, { nil: null }),
    again: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      let [time, memory] = [now, new Map<string, Answer>()];
      const lastSaid = new Map<string, number>();
      for (const { after, said, again } of steps) {
        time += after;
        const values = said?.map((last) => `203.0.113.${last}`) ?? null;
        const fake = fakeResolver({ [`4 ${host}`]: values ?? { failed: "ETIMEOUT" } });
        const run = remembering(fake, memory, time);
        const got = await run.resolver.forward(host, 4);
        if (again) await run.resolver.again(host, 4);
        if (fake.asked.length > 0) for (const address of values ?? []) lastSaid.set(address, time);
        if (got.status === "found") {
          for (const address of got.values) expect(time - (lastSaid.get(address) ?? 0)).toBeLessThan(fakeTtl.found);
        }
        for (const one of run.answers()) memory = new Map([...memory, [one.question, one]]);
        for (const [address, at] of run.seen(host, 4)) {
          expect(at).toBeLessThanOrEqual(lastSaid.get(address) ?? 0);
          // What is written may lag an hour behind, so that a quiet run writes little.
          expect((lastSaid.get(address) ?? 0) - at).toBeLessThanOrEqual(hour);
        }
      }
    }),
  );
});
