import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, test } from "vitest";
import { readAddress } from "../../../lib/enrich/ranges/address-read.ts";
import { lastOf, writeAddress } from "../../../lib/enrich/ranges/address-words.ts";
import { blockRoom, readPrefix, writePrefix } from "../../../lib/enrich/ranges/prefix.ts";
import { addressKind } from "../../../lib/words/address.ts";
import { prefixOf } from "./listed.ts";

const written = (text: string) => {
  const prefix = prefixOf(text);
  return typeof prefix === "string" ? prefix : writePrefix(prefix);
};

type Special = ipaddr.IPv4 | ipaddr.IPv6;
/** As ipaddr.js has them, though its types do not say so. */
type Ranges = Record<string, [Special, number] | [Special, number][]>;
const isOne = (list: [Special, number] | [Special, number][]): list is [Special, number] => typeof list[1] === "number";

describe("prefixes", () => {
  test.each([
    ["203.0.113.0/24", "203.0.113.0/24"],
    ["203.0.113.7", "203.0.113.7/32"],
    ["203.0.113.7/24", "203.0.113.0/24"],
    ["2001:DB8:0:0::/32", "2001:db8::/32"],
    ["2001:db8::1", "2001:db8::1/128"],
    ["2001:db8::1/33", "2001:db8::/33"],
    ["::ffff:203.0.113.0/120", "203.0.113.0/24"],
    ["::ffff:203.0.113.9", "203.0.113.9/32"],
    ["17.0.0.0/8", "17.0.0.0/8"],
    ["2630::/16", "2630::/16"],
  ])("%s is %s", (text, prefix) => {
    expect(written(text)).toBe(prefix);
  });

  test.each([
    ["", "no prefix"],
    ["203.0.113.0/33", "no prefix"],
    ["203.0.113.0/", "no prefix"],
    ["203.0.113.0/+8", "no prefix"],
    ["203.0.113.0/24/8", "no prefix"],
    ["203.0.113/24", "no prefix"],
    ["2001:db8::/129", "no prefix"],
    ["example.com", "no prefix"],
    ["0.0.0.0/0", "too wide"],
    ["0.0.0.0/1", "too wide"],
    ["::/0", "too wide"],
    ["::ffff:0:0/96", "too wide"],
    ["2000::/3", "too wide"],
    ["::ffff:0:0/90", "not outside"],
    ["10.1.0.0/16", "not outside"],
    ["172.16.0.0/12", "not outside"],
    ["192.168.1.1", "not outside"],
    ["169.254.169.254", "not outside"],
    ["240.240.0.0/16", "not outside"],
    ["::ffff:10.0.0.0/104", "not outside"],
    ["fd00::/16", "not outside"],
    ["64:ff9b::10.0.0.1/128", "not outside"],
    ["2002:a00:1::/48", "not outside"],
    // It begins outside and ends within: 172.32.0.0 is the first behind the private ones.
    ["172.0.0.0/11", "not outside"],
  ])("%s is refused: %s", (text, why) => {
    expect(written(text)).toBe(why);
  });

  test("one read into the same room as others before it is as if read alone", () => {
    const text = fc
      .tuple(fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom("::ffff:20.0.0.1", "2603::", "::")), fc.nat(140))
      .map(([address, bits]) => `${address}/${bits}`);
    fc.assert(
      fc.property(fc.array(text), (texts) => {
        const room = blockRoom();
        for (const one of texts) {
          const refusal = readPrefix(one, room);
          const { width, words, bits } = room;
          expect(refusal ?? writePrefix({ words: [...words.subarray(0, width)], bits }), one).toBe(written(one));
        }
      }),
    );
  });

  /** Every special range that ipaddr.js knows, at its edges and one beyond them. */
  const specials = [ipaddr.IPv4, ipaddr.IPv6].flatMap((family) =>
    Object.values((family.prototype as Special & { SpecialRanges: Ranges }).SpecialRanges).flatMap((list) =>
      isOne(list) ? [list] : list,
    ),
  );

  test("one address is refused where lib/words/address.ts says that it is not outside, and only there", () => {
    const asked = specials.flatMap(([address, bits]) => {
      const prefix = prefixOf(address.toString());
      if (typeof prefix === "string") return [address.toString()];
      return [address.toString(), writeAddress(lastOf(prefix.words, bits))];
    });
    const any = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.constantFrom(...asked),
      fc.nat(0xffff).map((group) => `${group.toString(16)}::1`),
    );
    fc.assert(
      fc.property(any, (text) => {
        const canonical = writeAddress(readAddress(text) ?? []);
        expect(prefixOf(text) === "not outside", text).toBe(addressKind(canonical) !== "outside");
      }),
      { numRuns: 20_000 },
    );
  });
});
