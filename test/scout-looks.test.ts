/** What a run costs goes by what is new: at what is remembered besides it does not look at all. */
import { expect, it } from "vitest";
import { nothingNew } from "../lib/remember/store.ts";
import { Memory } from "../lib/words/memory.ts";
import { lifelikes } from "./remember/lifelike.ts";
import { found, hour, minute, noon, requested, world } from "./scout-make.ts";

const known = 3000;
/** Who calls them. */
const callers = 600;

/** A world that remembers so many sightings that nobody calls now, and tells how often a part of one was read. */
async function remembering() {
  const calls = requested("old.example.com", [noon - hour]);
  const one = world(calls, requested("new.example.com", [noon + 2 * minute]));
  await one.run(noon);
  const progress = await one.store.progress("prod");
  if (progress === null) throw new Error("nothing was learned");
  await one.store.remember("prod", { ...nothingNew(progress), sightings: lifelikes(known) });
  let looks = 0;
  const counted = <T extends object>(value: T): T =>
    new Proxy(value, {
      get(target, name) {
        looks += 1;
        const part: unknown = Reflect.get(target, name);
        return typeof part === "object" && part !== null ? counted(part) : part;
      },
    });
  const { recall } = one.parts.store;
  one.parts.store.recall = async (cluster) => {
    const memory = new Memory([...(await recall(cluster)).values()].map(counted));
    looks = 0;
    return memory;
  };
  return { looked: async (to: number) => ({ found: found(await one.run(to)), looks }) };
}

it("a run that finds something looks at who calls, and at none of what has nothing to do with it", async () => {
  const { looked } = await remembering();
  const { found: told, looks } = await looked(noon + 5 * minute);
  expect(told).toEqual(["new-destination new.example.com:80 x1"]);
  expect(looks).toBeLessThanOrEqual(4 * callers);
});

it("a quiet run looks at none", async () => {
  const { looked } = await remembering();
  const { found: told, looks } = await looked(noon + minute);
  expect(told).toEqual([]);
  expect(looks).toBeLessThanOrEqual(5);
});
