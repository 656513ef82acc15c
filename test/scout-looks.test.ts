/** What a run costs goes by what is new: at all that is remembered besides, it looks a few times. */
import { expect, it } from "vitest";
import type { Sighting } from "../lib/model.ts";
import { nothingNew } from "../lib/remember/store.ts";
import { lifelikes } from "./remember/lifelike.ts";
import { found, hour, minute, noon, requested, world } from "./scout-make.ts";

const known = 500;

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
  one.parts.store.recall = async (cluster): Promise<Map<string, Sighting>> =>
    new Map([...(await recall(cluster))].map(([key, sighting]) => [key, counted(sighting)]));
  const looked = async (to: number) => {
    looks = 0;
    return { found: found(await one.run(to)), each: looks / known };
  };
  return { looked };
}

it("a run that finds something reads whose a sighting is, what it is of and whether it has a name, and no more", async () => {
  const { looked } = await remembering();
  const { found: told, each } = await looked(noon + 5 * minute);
  expect(told).toEqual(["new-destination new.example.com:80 x1"]);
  expect(each).toBeLessThanOrEqual(20);
});

it("a quiet run reads whether it has a name", async () => {
  const { looked } = await remembering();
  const { found: told, each } = await looked(noon + minute);
  expect(told).toEqual([]);
  expect(each).toBeLessThanOrEqual(3);
});
