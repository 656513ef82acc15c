import { isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readAddress } from "../../../lib/enrich/ranges/address-read.ts";
import { firstOf, lastOf, writeAddress } from "../../../lib/enrich/ranges/address-words.ts";
import { parseAddress } from "../../../lib/words/address.ts";

const piece = fc.constantFrom(
  "0",
  "1",
  "01",
  "ff",
  "ffff",
  "fffff",
  ":",
  "::",
  ".",
  "255",
  "256",
  "1.2.3.4",
  "%",
  "/",
  " ",
  "-1",
  "g",
);
const scraps = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));
const word = fc.oneof(fc.constantFrom(0, 1, 0xffff, 0x1_0000, 0xffff_ffff), fc.nat(0xffff_ffff));
const addresses = fc.oneof(fc.tuple(word), fc.tuple(word, word, word, word));

describe("addresses as words", () => {
  test.each([
    ["203.0.113.7", [0xcb007107]],
    ["255.255.255.255", [0xffffffff]],
    ["2001:db8::1", [0x20010db8, 0, 0, 1]],
    ["::", [0, 0, 0, 0]],
    ["1::", [0x10000, 0, 0, 0]],
    ["2001:DB8:0:0:1:0:0:1", [0x20010db8, 0, 0x10000, 1]],
    ["64:ff9b::203.0.113.7", [0x64ff9b, 0, 0, 0xcb007107]],
    ["::ffff:203.0.113.7", [0xcb007107]],
    ["::ffff:cb00:7107", [0xcb007107]],
  ])("%s", (text, words) => {
    expect(readAddress(text)).toEqual(words);
  });

  test.each([
    "",
    "1.2.3",
    "01.2.3.4",
    "1.2.3.4.",
    "1.2.3.256",
    ":1",
    "1:",
    "1::2::3",
    "1:2:3:4:5:6:7:8::",
    "fe80::1%eth0",
    "[::1]",
  ])("%j is none", (text) => {
    expect(readAddress(text)).toBeNull();
  });

  test("reads what lib/words/address.ts reads, as the same address, and nothing else", () => {
    fc.assert(
      fc.property(fc.oneof(scraps, fc.ipV4(), fc.ipV6(), fc.string()), (text) => {
        // Brackets are lib/words/address.ts' to take off, and ipaddr.js takes ::1.2.3.4 (IPv4-compatible, long deprecated) for ::ffff:1.2.3.4.
        const bare = text.replace(/^\[|\]$/g, "").replace(/^::(?=\d+\.)/, "::1:");
        const words = readAddress(bare);
        expect(words === null ? null : writeAddress(words)).toBe(parseAddress(bare));
      }),
      { numRuns: 20_000 },
    );
  });

  test("reads what it writes, and writes what lib/words/address.ts writes", () => {
    fc.assert(
      fc.property(addresses, (words) => {
        const text = writeAddress(words);
        expect(isIP(text)).toBe(words.length === 1 ? 4 : 6);
        expect(parseAddress(text)).toBe(
          words[0] === 0 && words[1] === 0 && words[2] === 0xffff ? parseAddress(text) : text,
        );
        expect(readAddress(text)).toEqual(words[0] === 0 && words[1] === 0 && words[2] === 0xffff ? [words[3]] : words);
      }),
      { numRuns: 5000 },
    );
  });

  test("the first and the last address of a block", () => {
    expect(firstOf([0xcb007107], 24)).toEqual([0xcb007100]);
    expect(lastOf([0xcb007107], 24)).toEqual([0xcb0071ff]);
    expect(firstOf([0xcb007107], 0)).toEqual([0]);
    expect(lastOf([0xcb007107], 32)).toEqual([0xcb007107]);
    expect(firstOf([0x20010db8, 0xffffffff, 3, 4], 36)).toEqual([0x20010db8, 0xf0000000, 0, 0]);
    expect(lastOf([0x20010db8, 0xf0000000, 3, 4], 36)).toEqual([0x20010db8, 0xffffffff, 0xffffffff, 0xffffffff]);
  });
});
