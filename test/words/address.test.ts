import { isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AddressKind,
  addressKind,
  arpaName,
  inRanges,
  parseAddress,
  parseAddressPort,
} from "../../lib/words/address.ts";

const v4 = fc.ipV4();
/** Eight groups written out, some of them zero so that there is something to compress. */
const v6 = fc
  .array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), { minLength: 8, maxLength: 8 })
  .map((groups) => groups.map((group) => group.toString(16)).join(":"));
const piece = fc.constantFrom(
  "0x",
  "1",
  "01",
  ":",
  "::",
  "ffff",
  ".",
  "[",
  "]",
  "%",
  "255",
  "256",
  "a",
  "g",
  " ",
  "1.2.3.4",
);
const scraps = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));

describe("address", () => {
  describe("parseAddress", () => {
    it.each([
      ["203.0.113.7", "203.0.113.7"],
      ["2001:0DB8:0:0::0:1", "2001:db8::1"],
      ["[2001:db8::1]", "2001:db8::1"],
      ["::ffff:203.0.113.7", "203.0.113.7"],
      ["::ffff:cb00:7107", "203.0.113.7"],
      ["64:ff9b::203.0.113.7", "64:ff9b::cb00:7107"],
      ["::203.0.113.7", "::cb00:7107"],
      ["::", "::"],
    ])("writes %s as %s", (text, canonical) => {
      expect(parseAddress(text)).toBe(canonical);
    });

    it.each([
      ...["", "1", "12345", "0x7f000001", "127.1", "0313.0.0161.07", "1.2.3.4.", "256.1.1.1", "[203.0.113.7]"],
      ...[
        "fe80::1%eth0",
        "::011.2.3.4",
        "::0x1.2.3.4",
        "2001:db8::1::2",
        "[2001:db8::1",
        "203.0.113.7 ",
        "example.com",
      ],
    ])("takes %j for no address", (text) => {
      expect(parseAddress(text)).toBeNull();
    });

    it("never throws, takes what Node takes for an address and nothing else, and reads its own spelling as itself", () => {
      fc.assert(
        fc.property(fc.oneof(scraps, fc.string({ unit: "binary" }), fc.ipV6()), (text) => {
          const canonical = parseAddress(text);
          const bare = /^\[.*:.*\]$/.test(text) ? text.slice(1, -1) : text;
          expect(canonical !== null).toBe(isIP(bare) !== 0 && !bare.includes("%"));
          if (canonical !== null) expect(parseAddress(canonical)).toBe(canonical);
        }),
        { numRuns: 10_000 },
      );
    });

    it("spells IPv6 as browsers do (RFC 5952)", () => {
      fc.assert(
        fc.property(v6, (text) => {
          fc.pre(!/^(0:){5}ffff:/.test(text));
          expect(`[${parseAddress(text)}]`).toBe(new URL(`http://[${text}]/`).hostname);
        }),
      );
    });
  });

  describe("parseAddressPort", () => {
    it.each([
      ["203.0.113.7:443", { address: "203.0.113.7", port: 443 }],
      ["203.0.113.7", { address: "203.0.113.7", port: null }],
      ["[2001:db8::1]:443", { address: "2001:db8::1", port: 443 }],
      ["2001:db8::1", { address: "2001:db8::1", port: null }],
      ["2001:db8::1:443", { address: "2001:db8::1:443", port: null }],
      ["[::ffff:203.0.113.7]:80", { address: "203.0.113.7", port: 80 }],
    ])("reads %s", (text, expected) => {
      expect(parseAddressPort(text)).toEqual(expected);
    });

    it.each([
      "",
      "unknown",
      "203.0.113.7:",
      "203.0.113.7:0",
      "203.0.113.7:65536",
      "::ffff:203.0.113.7:80",
      "a:80",
      "80",
    ])("finds neither in %j", (text) => {
      expect(parseAddressPort(text)).toBeNull();
    });

    it("reads back what Envoy writes of any address and port", () => {
      fc.assert(
        fc.property(fc.oneof(v4, v6), fc.integer({ min: 1, max: 65535 }), (address, port) => {
          const written = address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
          expect(parseAddressPort(written)).toEqual({ address: parseAddress(address), port });
        }),
      );
    });
  });

  it.each<[AddressKind, string[]]>([
    ["outside", ["3.18.12.63", "203.0.113.7", "2606:4700::1", "2001:db8::1", "64:ff9b::312:c3f"]],
    ["private", ["10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.10.20", "fd00::1", "64:ff9b::a01:203"]],
    ["istio-vip", ["240.240.0.1", "240.240.255.254", "2001:2::1"]],
    ["special", ["127.0.0.1", "169.254.169.254", "224.0.0.1", "0.0.0.0", "240.241.0.1", "::1", "fe80::1", "ff02::1"]],
    ["special", ["::2", "::cb00:7107"]],
    ["special", ["64:ff9b::a9fe:a9fe", "2002:7f00:1::1"]],
  ])("is %s: %j", (kind, addresses) => {
    expect(addresses.map(addressKind)).toEqual(addresses.map(() => kind));
  });

  describe("inRanges", () => {
    it("holds where one range of the same family has the address", () => {
      expect(inRanges("10.1.2.3", ["192.168.0.0/16", "10.0.0.0/8"])).toBe(true);
      expect(inRanges("2001:db8::1", ["2001:db8::/32"])).toBe(true);
      expect(inRanges("11.1.2.3", ["10.0.0.0/8", "::/0", "10.0.0.0/33", "10.0.0.1", "*.example.com"])).toBe(false);
    });

    it("holds for every address in its own /32 or /128, and in all of its family", () => {
      fc.assert(
        fc.property(fc.oneof(v4, v6), (text) => {
          const address = parseAddress(text) ?? "";
          const isV6 = address.includes(":");
          expect(inRanges(address, [`${address}/${isV6 ? 128 : 32}`])).toBe(true);
          expect(inRanges(address, [isV6 ? "::/0" : "0.0.0.0/0"])).toBe(true);
          expect(inRanges(address, [isV6 ? "0.0.0.0/0" : "::/0"])).toBe(false);
        }),
      );
    });
  });

  it("takes no time for what a workload makes long", () => {
    // Of the square of its length this took a minute and more.
    expect(parseAddress("[:".repeat(200_000))).toBeNull();
    expect(parseAddress("[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255]")).toBe(
      "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    );
  });

  it("names the reverse zone of an address (RFC 1035, RFC 3596)", () => {
    expect(arpaName("203.0.113.7")).toBe("7.113.0.203.in-addr.arpa");
    expect(arpaName("2001:db8::567:89ab")).toBe(
      "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
    );
  });
});
