import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, it } from "vitest";
import { addressOrRange } from "../../../lib/istio/in-force/fields.ts";
import { isNameCovered, nameIndex } from "../../../lib/istio/route/names.ts";
import { rangeIndex } from "../../../lib/istio/route/ranges.ts";
import { versionAtLeast } from "../../../lib/istio/route/version.ts";

const label = fc.constantFrom("a", "b", "ab", "x-a");
const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((all) => all.join("."));
const pattern = fc.oneof(
  name,
  name.map((one) => `*.${one}`),
  name.map((one) => `*-${one}`),
  name.map((one) => `*${one}`),
);

describe("names", () => {
  it.each([
    ["a.example.com", "*.example.com", true],
    ["a.b.example.com", "*.example.com", true],
    ["example.com", "*.example.com", false],
    [".example.com", "*.example.com", false],
    ["notexample.com", "*.example.com", false],
    ["*.b.example.com", "*.example.com", true],
    ["*.example.com", "*.example.com", true],
    ["*.com", "*.example.com", false],
    ["*.example.com", "a.example.com", false],
    ["a.example.com", "*", true],
    ["A.example.com", "a.example.com", false],
  ])("%s under %s: %s", (host, wild, wanted) => {
    expect(isNameCovered(host, wild)).toBe(wanted);
  });

  it("finds what a walk through all of them finds, the longest first", () => {
    fc.assert(
      fc.property(fc.uniqueArray(pattern, { maxLength: 8 }), name, (patterns, host) => {
        const index = nameIndex<string>();
        for (const one of patterns) index.set(one, one);
        const walked = patterns
          .filter((one) => isNameCovered(host, one))
          .sort((a, b) => Number(a.startsWith("*")) - Number(b.startsWith("*")) || b.length - a.length);
        expect(index.covering(host)).toEqual(walked);
        expect(index.nearest(host)).toBe(walked[0]);
      }),
      { numRuns: 500 },
    );
  });
});

const byte = fc.constantFrom(0, 1, 127, 128, 255);
const four = fc.tuple(byte, byte, byte, byte).map((all) => all.join("."));
const six = fc
  .tuple(byte, byte, byte)
  .map(([a, b, c]) => `2001:db8:${a.toString(16)}::${b.toString(16)}:${c.toString(16)}`);
const address = fc.oneof(four, six).map((one) => addressOrRange(one) ?? "");
const range = fc.oneof(
  address,
  fc.tuple(four, fc.integer({ min: 0, max: 32 })).map(([base, bits]) => addressOrRange(`${base}/${bits}`) ?? ""),
  fc.tuple(six, fc.integer({ min: 0, max: 128 })).map(([base, bits]) => addressOrRange(`${base}/${bits}`) ?? ""),
);
const bitsOf = (one: string) => (one.includes("/") ? Number(one.split("/")[1]) : one.includes(":") ? 128 : 32);

describe("ranges", () => {
  it("finds what a walk through all of them finds, the most specific first", () => {
    fc.assert(
      fc.property(fc.uniqueArray(range, { maxLength: 8 }), address, (all, dialled) => {
        const index = rangeIndex<string>();
        for (const one of all) index.set(one, one);
        const parsed = ipaddr.parse(dialled);
        const isIn = (one: string) => {
          const [base, bits] = one.includes("/") ? ipaddr.parseCIDR(one) : [ipaddr.parse(one), bitsOf(one)];
          return base.kind() === parsed.kind() && parsed.match(base, bits as number);
        };
        const walked = all.filter(isIn).sort((a, b) => bitsOf(b) - bitsOf(a));
        expect(index.covering(dialled)).toEqual(walked);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ["203.0.113.9/24", "203.0.113.0/24"],
    ["203.0.113.9/32", "203.0.113.9"],
    ["203.0.113.9/0", "0.0.0.0/0"],
    ["2001:DB8::1/33", "2001:db8::/33"],
    ["2001:db8::1/128", "2001:db8::1"],
    ["::ffff:203.0.113.9", "203.0.113.9"],
    ["203.0.113.9/33", null],
    ["203.0.113.9/", null],
    ["203.0.113.9/8/8", null],
    ["203.0.113.9/ 8", null],
    ["203.0.113/24", null],
    ["here", null],
    ["", null],
  ])("%s is %s", (text, wanted) => {
    expect(addressOrRange(text)).toBe(wanted);
  });
});

it.each([
  ["1.30", true],
  ["1.30.2", true],
  ["v1.31-alpha", true],
  ["2.0", true],
  ["1.29.9", false],
  ["1", null],
  ["master", null],
  [null, null],
])("Istio %s is at least 1.30: %s", (version, wanted) => {
  expect(versionAtLeast(version, 1, 30)).toBe(wanted);
});
