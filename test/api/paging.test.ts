/** Pages of lists, while others come and go between them. */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import * as z from "zod";
import { page, paging } from "../../lib/api/paging.ts";
import { readQuery } from "../../lib/api/query.ts";

const shape = z.object(paging);
const cursorIn = (next: string) => {
  const read = readQuery(new URLSearchParams({ next }), shape);
  if ("mistakes" in read) throw new Error(read.mistakes.join());
  return read.asked.next;
};

it("whoever is there from first to last is seen once, whatever comes or goes in between", () => {
  const key = fc.string({ unit: "binary", maxLength: 20 });
  fc.assert(
    fc.property(
      fc.uniqueArray(key, { maxLength: 40 }),
      fc.array(fc.record({ add: key, drop: fc.nat(39) }), { maxLength: 60 }),
      fc.integer({ min: 1, max: 7 }),
      (keys, changes, limit) => {
        const wellFormed = [...new Set(keys.map((one) => one.toWellFormed()))];
        const there = new Set(wellFormed);
        const stays = new Set(wellFormed);
        const seen: string[] = [];
        let next: string | undefined;
        for (let turn = 0; ; turn++) {
          const got = page([...there], (one) => one, { limit, next });
          expect(got.page.length).toBeLessThanOrEqual(limit);
          expect(turn).toBeLessThan(200);
          seen.push(...got.page);
          if (got.next === null) break;
          next = cursorIn(got.next);
          const change = changes[turn];
          if (change === undefined) continue;
          there.add(change.add.toWellFormed());
          const dropped = wellFormed[change.drop];
          if (dropped !== undefined) {
            there.delete(dropped);
            stays.delete(dropped);
          }
        }
        expect(new Set(seen).size).toBe(seen.length);
        expect([...stays].filter((one) => !seen.includes(one))).toEqual([]);
      },
    ),
  );
});

it("a key that a workload made long is cut, and keeps its place by its end", () => {
  const all = Array.from({ length: 5 }, (_, index) => `${"x".repeat(5_000)} ${index}`);
  const first = page(all, (one) => one, { limit: 2 });
  expect(first.next?.length).toBeLessThan(1_500);
  const rest = page(all, (one) => one, { limit: 9, next: cursorIn(first.next ?? "") });
  expect([...first.page, ...rest.page].sort()).toEqual(all);
});
