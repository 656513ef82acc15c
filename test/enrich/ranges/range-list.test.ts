import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { expect, test } from "vitest";
import { firstOf, type Words } from "../../../lib/enrich/ranges/address-words.ts";
import { originOfFile } from "../../../lib/enrich/ranges/list.ts";
import { parseList } from "../../../lib/enrich/ranges/parse.ts";
import { type ListedRange, rangesOf } from "../../../lib/enrich/ranges/range-list.ts";
import { listOf } from "./listed.ts";

const word = fc.oneof(fc.constantFrom(0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff), fc.nat(0xffff_ffff));
const words: fc.Arbitrary<Words> = fc.oneof(fc.tuple(word), fc.tuple(word, word, word, word));
const text = fc.constantFrom(null, "", "a", "b");
const range = fc.tuple(words, fc.nat(128), text, text).map(([address, length, service, region]): ListedRange => {
  const bits = length % (32 * address.length + 1);
  return { prefix: { words: firstOf(address, bits), bits }, service, region };
});

test("what goes in comes out in its order, IPv4 first, and each pair of service and region is kept once", () => {
  fc.assert(
    fc.property(fc.array(range, { maxLength: 40 }), (ranges) => {
      const list = listOf("A", null, ranges);
      expect(rangesOf(list)).toEqual(
        ranges.toSorted((one, other) => one.prefix.words.length - other.prefix.words.length),
      );
      const pairs = list.labels.map(({ service, region }) => JSON.stringify([service, region]));
      expect(pairs).toEqual([...new Set(ranges.map(({ service, region }) => JSON.stringify([service, region])))]);
    }),
  );
});

test("texts are cleaned, and more ranges than there was room for at first are all there", () => {
  const at = (index: number): ListedRange => ({
    prefix: { words: [0x1400_0000 + index], bits: 32 },
    service: "a\u0000b",
    region: null,
  });
  const ranges = rangesOf(
    listOf(
      "A",
      null,
      Array.from({ length: 5000 }, (_, index) => at(index)),
    ),
  );
  expect(ranges).toHaveLength(5000);
  expect(ranges.at(-1)).toEqual({ ...at(4999), service: "a\\u0000b" });
});

test("a list holds on to none of the text that it was read from", () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage: () => void = runInNewContext("gc");
  const heap = () => {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const read = () => {
    const rows = Array.from(
      { length: 2000 },
      (_, n) => `20.${n >> 8}.${n & 255}.0/24,US,a region of some length,${"x".repeat(10_000)}\n`,
    );
    return parseList(rows.join(""), originOfFile("geofeed.csv"));
  };
  read();
  const before = heap();
  const { list } = read();
  expect(list?.labels).toEqual([{ service: null, region: "a region of some length" }]);
  expect(heap() - before).toBeLessThan(5e6);
});
