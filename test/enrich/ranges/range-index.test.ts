import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readAddress } from "../../../lib/enrich/ranges/address-read.ts";
import { firstOf, lastOf, type Words, writeAddress } from "../../../lib/enrich/ranges/address-words.ts";
import { withGoogleApart } from "../../../lib/enrich/ranges/google.ts";
import { originOfFile } from "../../../lib/enrich/ranges/list.ts";
import { parseList } from "../../../lib/enrich/ranges/parse.ts";
import { writePrefix } from "../../../lib/enrich/ranges/prefix.ts";
import { type Range, rangeIndex } from "../../../lib/enrich/ranges/range-index.ts";
import type { ListedRange, RangeList } from "../../../lib/enrich/ranges/range-list.ts";
import { listOf } from "./listed.ts";
import * as samples from "./samples.ts";

const list = (value: unknown, file = "list.json"): RangeList => {
  const { list: read } = parseList(typeof value === "string" ? value : JSON.stringify(value), originOfFile(file));
  if (read === null) throw new Error(`no list: ${file}`);
  return read;
};

const short = (range: Range | null) =>
  range && [range.provider, range.service ?? "-", range.region ?? "-", range.prefix].join(" ");

describe("the most specific range", () => {
  const index = rangeIndex([
    list(samples.aws),
    list(samples.azure, "ServiceTags_Public_20260817.json"),
    list("198.51.100.0/24\n", "zscaler.txt"),
  ]);

  test.each([
    ["52.94.1.7", "AWS - eu-west-1 52.94.0.0/22"],
    ["203.0.113.1", "AWS S3 eu-west-1 203.0.113.0/24"],
    ["203.0.113.65", "Azure Sql westeurope 203.0.113.64/26"],
    ["203.0.113.129", "Azure Sql - 203.0.113.128/26"],
    ["203.0.113.200", "AWS S3 eu-west-1 203.0.113.0/24"],
    ["198.51.100.127", "AWS CLOUDFRONT - 198.51.100.0/25"],
    ["198.51.100.128", "zscaler - - 198.51.100.0/24"],
    ["2001:db8:a123::1", "AWS EC2 us-east-1 2001:db8:a000::/36"],
    ["::ffff:52.94.1.7", "AWS - eu-west-1 52.94.0.0/22"],
    ["52.94.4.0", null],
    ["52.93.255.255", null],
    ["2001:db8:b000::1", null],
    ["::52.94.1.7", null],
    ["example.com", null],
    ["", null],
  ])("%s", (address, expected) => {
    expect(short(index.find(address))).toBe(expected);
  });

  test("says the list's date", () => {
    expect(index.find("203.0.113.65")?.made).toBe(Date.UTC(2026, 7, 17));
    expect(index.find("198.51.100.200")?.made).toBeNull();
  });

  test("of one prefix in two lists the newer one's, where providers and services are one", () => {
    const older = list({
      ...samples.aws,
      createDate: "2024-01-01-00-00-00",
      prefixes: [row("203.0.113.0/24", "A", "x")],
    });
    const newer = list({ ...samples.aws, prefixes: [row("203.0.113.0/24", "B", "x")] });
    for (const lists of [
      [older, newer],
      [newer, older],
    ])
      expect(rangeIndex(lists).find("203.0.113.1")?.service).toBe("B");
  });

  test("nothing is found in no lists", () => {
    expect(rangeIndex([]).find("203.0.113.1")).toBeNull();
    expect(rangeIndex([]).size).toBe(0);
  });
});

const row = (ip_prefix: string, service: string, region: string) => ({ ip_prefix, service, region });

describe("Google", () => {
  const cloud = list(samples.googleCloud);
  const google = list(samples.google, "goog.json");

  test("with cloud.json: what a customer has is not Google's own, even where Google's prefix is the longer", () => {
    const index = rangeIndex(withGoogleApart([google, cloud]));
    expect(short(index.find("198.51.100.200"))).toBe("Google Cloud - europe-west1 198.51.100.0/24");
    expect(short(index.find("192.0.2.1"))).toBe("Google APIs and services - 192.0.2.0/24");
    expect(short(index.find("2001:db8:c001::1"))).toBe("Google Cloud - - 2001:db8:c000::/44");
    expect(short(index.find("2001:db8:c800::1"))).toBe("Google APIs and services - 2001:db8:c000::/36");
  });

  test("without it: Google's or a customer's, so no service", () => {
    expect(short(rangeIndex(withGoogleApart([google])).find("198.51.100.200"))).toBe("Google - - 198.51.100.128/25");
  });
});

interface Listed {
  provider: string;
  made: number | null;
  ranges: ListedRange[];
}

/** The contract, one by one: every row that holds the address, the best first. */
function naive(lists: readonly Listed[], address: string): Range | null {
  const words = readAddress(address) ?? [];
  const rows = lists.flatMap(({ provider, made, ranges }) => ranges.map((range) => ({ ...range, provider, made })));
  const holds = ({ prefix }: { prefix: { words: Words; bits: number } }) =>
    prefix.words.length === words.length && firstOf(words, prefix.bits).join() === prefix.words.join();
  const worth = ({ provider, service, region }: { provider: string; service: string | null; region: string | null }) =>
    (service === null ? 0 : provider === "AWS" && service === "EC2" ? 2 : 4) + (region === null ? 0 : 1);
  const text = (one: string | null, other: string | null) => ((one ?? "") < (other ?? "") ? -1 : one === other ? 0 : 1);
  const [best] = rows
    .filter(holds)
    .sort(
      (one, other) =>
        other.prefix.bits - one.prefix.bits ||
        worth(other) - worth(one) ||
        text(one.provider, other.provider) ||
        (other.made ?? 0) - (one.made ?? 0) ||
        text(one.service, other.service) ||
        text(one.region, other.region),
    );
  if (best === undefined) return null;
  const { provider, service, region, made, prefix } = best;
  return { provider, service, region, made, prefix: writePrefix(prefix) };
}

/** Few bits vary, so that prefixes nest, touch and repeat. */
const v4 = fc
  .tuple(fc.constantFrom(20, 21), fc.constantFrom(0, 128, 255), fc.nat(255), fc.constantFrom(0, 1, 127, 128, 255))
  .map((octets) => octets.join("."));
const v6 = fc
  .tuple(
    fc.constantFrom("2603", "2604"),
    fc.constantFrom("0", "ffff"),
    fc.constantFrom("0", "8000", "ffff"),
    fc.constantFrom("::", "::1", ":ffff:ffff:ffff:ffff:ffff"),
  )
  .map(([a, b, c, end]) => `${a}:${b}:${c}${end}`);
const address = fc.oneof(v4, v6);
const range = fc
  .tuple(address, fc.nat(128), fc.constantFrom(null, "EC2", "S3", "Sql"), fc.constantFrom(null, "eu", "us"))
  .map(([text, length, service, region]) => {
    const words = readAddress(text) ?? [];
    const bits = words.length === 1 ? 8 + (length % 25) : Math.max(16, length);
    return { prefix: { words: firstOf(words, bits), bits }, service, region };
  });
const lists = fc.array(
  fc
    .tuple(fc.constantFrom("AWS", "Azure", "Google"), fc.constantFrom(null, 1, 2), fc.array(range, { maxLength: 25 }))
    .map(([provider, made, ranges]): Listed => ({ provider, made, ranges })),
  { maxLength: 4 },
);

test("finds what a look at every row finds, whatever the order of the lists", () => {
  fc.assert(
    fc.property(lists, fc.array(address, { maxLength: 10 }), (some, asked) => {
      const read = some.map(({ provider, made, ranges }) => listOf(provider, made, ranges));
      const index = rangeIndex(read);
      const turned = rangeIndex(read.toReversed());
      const edges = some.flatMap(({ ranges }) =>
        ranges.flatMap(({ prefix: { words, bits } }) => [writeAddress(words), writeAddress(lastOf(words, bits))]),
      );
      for (const one of [...asked, ...edges]) {
        expect(index.find(one), one).toEqual(naive(some, one));
        expect(turned.find(one), one).toEqual(index.find(one));
      }
    }),
    { numRuns: 150 },
  );
});
