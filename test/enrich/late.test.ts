/** Naming what is remembered without a name: so many in one run, failures later, nobody forgotten. */
import { describe, expect, it, test } from "vitest";
import { nameLate, withName } from "../../lib/enrich/late.ts";
import { naming } from "../../lib/enrich/naming.ts";
import type { Resolver } from "../../lib/enrich/resolver.ts";
import type { Name, Sighting } from "../../lib/model.ts";
import { bare, noon, observation, sighting } from "../detect/make.ts";
import { type FakeAnswer, fakeResolver } from "./fake-resolver.ts";

const minute = 60_000;
const addressOf = (n: number) => `203.0.${113 + (n >> 8)}.${n & 255}`;
const at = (address: string, change: Partial<Sighting> = {}): Sighting => sighting(observation(bare(address)), change);
const many = (count: number): Sighting[] => Array.from({ length: count }, (_, n) => at(addressOf(n), { firstSeen: n }));
const late = async (all: Sighting[], answers: Record<string, FakeAnswer>, now = noon) => {
  const resolver = fakeResolver(answers);
  return { named: await nameLate(all, naming({ resolver }), now), asked: resolver.asked };
};
const away = { failed: "ETIMEOUT" };
/** Some are lame: their zones never answer. */
const lame = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`ptr ${addressOf(n)}`, away]));

describe("what is named", () => {
  it("an address without a name: the best there is, or that there is none", async () => {
    const { named } = await late([at(addressOf(1)), at(addressOf(2))], {
      [`ptr ${addressOf(1)}`]: ["mail.example.com", "gone.example.com"],
      "4 mail.example.com": [addressOf(1)],
    });
    const byAddress = new Map(named.map((one) => [one.destination.address, one]));
    expect(byAddress.get(addressOf(1))).toMatchObject({
      name: { name: "mail.example.com", trust: "confirmed" },
      namedAt: noon,
    });
    expect(byAddress.get(addressOf(2))).toMatchObject({ name: null, namedAt: noon });
  });

  it("only its name is new", async () => {
    const one = at(addressOf(1), { count: 7, total: 9 });
    expect((await late([one], {})).named).toEqual([{ ...one, namedAt: noon }]);
  });

  it.each<[string, Sighting]>([
    ["a Host", sighting(observation({ address: addressOf(1) }))],
    ["what was looked for already", at(addressOf(1), { namedAt: noon - 1 })],
    ["what has no address", sighting(observation({ host: null }))],
    ...["10.0.0.1", "100.64.0.1", "169.254.169.254", "127.0.0.1", "240.240.0.1", "fd00::1", "2001:2::1"].map(
      (inner): [string, Sighting] => [`the address of the inside ${inner}`, at(inner)],
    ),
  ])("not %s", async (_, one) => {
    expect(await late([one], {})).toEqual({ named: [], asked: [] });
  });
});

describe("how many", () => {
  it("250 in one run", async () => {
    const { named, asked } = await late(many(400), {});
    expect([named.length, asked.length]).toEqual([250, 250]);
  });

  it("all of them in the end, and those that failed are asked again", async () => {
    const answers: Record<string, FakeAnswer> = { [`ptr ${addressOf(3)}`]: away };
    const all = new Map(many(600).map((one) => [one.key, one]));
    let asked = 0;
    for (let run = 0; run < 4; run += 1) {
      const resolver = fakeResolver(answers);
      for (const one of await nameLate(all.values(), naming({ resolver }), noon + run * 5 * minute))
        all.set(one.key, one);
      asked += resolver.asked.filter((one) => one === `ptr ${addressOf(3)}`).length;
    }
    expect(
      [...all.values()].filter(({ namedAt }) => namedAt === null).map(({ destination: to }) => to.address),
    ).toEqual([addressOf(3)]);
    expect(asked).toBeGreaterThan(1);
  });

  it("stops after one batch where the DNS is away", async () => {
    const resolver: Resolver & { asked: number } = {
      asked: 0,
      servers: [],
      async reverse() {
        this.asked += 1;
        return { status: "failed", why: "ETIMEOUT" };
      },
      forward: async () => ({ status: "failed", why: "ETIMEOUT" }),
      again: async () => ({ status: "failed", why: "ETIMEOUT" }),
    };
    const counting = { ...resolver, reverse: resolver.reverse.bind(resolver) };
    expect(await nameLate(many(400), naming({ resolver: counting }), noon)).toEqual([]);
    expect(resolver.asked).toBe(50);
  });

  it.each([50, 120, 260])(
    "is not held up by %i that nobody ever answers for, though they are the oldest",
    async (count) => {
      const all = new Map(many(count + 100).map((one) => [one.key, one]));
      for (let run = 0; run < 40; run += 1) {
        const resolver = fakeResolver(lame(count));
        for (const one of await nameLate(all.values(), naming({ resolver }), noon + run * 5 * minute))
          all.set(one.key, one);
      }
      expect([...all.values()].filter(({ namedAt }) => namedAt !== null)).toHaveLength(100);
    },
  );

  it("whose turn it is does not hang on the order they are remembered in", async () => {
    const all = many(400);
    const keys = async (list: Sighting[]) => (await late(list, {})).named.map(({ key }) => key);
    expect(await keys(all.toReversed())).toEqual(await keys(all));
  });
});

test("the best name is the first, and none is none", () => {
  const names: Name[] = ["a.example.com", "b.example.com"].map((name) => ({
    name,
    from: "ptr",
    trust: "claimed",
    why: "",
  }));
  expect(withName(at(addressOf(1)), names, noon)).toMatchObject({ name: { name: "a.example.com" }, namedAt: noon });
  expect(withName(at(addressOf(1), { name: names[0] ?? null }), [], noon)).toMatchObject({ name: null, namedAt: noon });
});
