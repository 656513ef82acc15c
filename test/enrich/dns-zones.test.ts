/** Which zones and servers are given up, as a book; what comes of it against a server is in dns-black-hole.test.ts. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { forwardZone, reverseZone, zoneBook } from "../../lib/enrich/zones.ts";
import { parseAddress } from "../../lib/words/address.ts";

describe("the zone of a look-up", () => {
  test.each([
    ["203.0.113.7", "113.0.203.in-addr.arpa"],
    ["1.2.3.4", "3.2.1.in-addr.arpa"],
    ["2001:db8:12:34::7", "2.1.0.0.8.b.d.0.1.0.0.2.ip6.arpa"],
  ])("of %s is %s", (address, zone) => expect(reverseZone(address)).toBe(zone));

  test("two IPv4 addresses share it where their first three bytes are the same, IPv6 where their first 48 bits are", () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV4(), (one, other) => {
        const same = one.split(".").slice(0, 3).join(".") === other.split(".").slice(0, 3).join(".");
        expect(reverseZone(one) === reverseZone(other)).toBe(same);
      }),
    );
    const group = fc.nat(0xffff).map((value) => value.toString(16));
    const parts = (count: number) => fc.array(group, { minLength: count, maxLength: count });
    fc.assert(
      fc.property(parts(3), parts(5), parts(5), fc.nat(2), (site, one, other, changed) => {
        const at = (front: string[], rest: string[]) => parseAddress([...front, ...rest].join(":")) ?? "";
        const moved = site.map((value, place) => (place === changed ? (value === "1" ? "2" : "1") : value));
        fc.pre(at(site, one).includes(":") && at(site, other).includes(":") && at(moved, one).includes(":"));
        expect(reverseZone(at(site, one))).toBe(reverseZone(at(site, other)));
        expect(reverseZone(at(site, one))).not.toBe(reverseZone(at(moved, one)));
      }),
    );
  });

  test.each([
    ["api.example.co.uk", "example.co.uk"],
    ["a.b.example.com", "example.com"],
    // Customers of one provider are each other's strangers (the private section of the public suffix list).
    ["one.s3.amazonaws.com", "one.s3.amazonaws.com"],
    ["co.uk", "co.uk"],
    ["host.corp.unknown-suffix", "host.corp.unknown-suffix"],
  ])("of %s is %s", async (host, zone) => expect(await forwardZone(host)).toBe(zone));
});

describe("a zone", () => {
  test("is skipped after three look-ups in a row without an answer, and says so", () => {
    const book = zoneBook(["s"]);
    for (const before of [null, null, null]) {
      expect(book.refusal("example.com")).toBe(before);
      book.silent("example.com");
    }
    expect(book.refusal("example.com")).toBe("the zone example.com did not answer three times: skipped in this run");
    expect(book.refusal("example.net")).toBeNull();
  });

  test("starts anew with every answer", () => {
    const book = zoneBook(["s"]);
    for (let time = 0; time < 10; time++) {
      book.silent("example.com");
      book.silent("example.com");
      book.heard("example.com");
    }
    expect(book.refusal("example.com")).toBeNull();
    book.silent("example.com");
    book.silent("example.com");
    book.heard("example.net");
    book.silent("example.com");
    expect(book.refusal("example.com")).not.toBeNull();
  });

  test("may be called like a property of objects", () => {
    const book = zoneBook(["s"]);
    for (const name of ["__proto__", "constructor", "toString"]) expect(book.refusal(name)).toBeNull();
  });
});

describe("all servers", () => {
  const away = (book: ReturnType<typeof zoneBook>, server: string, times: number) => {
    for (let time = 0; time < times; time++) book.away(server);
  };

  test("are in doubt after twenty tries without any answer, each server with its share of them", () => {
    const one = zoneBook(["a"]);
    away(one, "a", 19);
    expect(one.isQuiet()).toBe(false);
    away(one, "a", 1);
    expect(one.isQuiet()).toBe(true);
    const three = zoneBook(["a", "b", "c"]);
    away(three, "a", 100);
    away(three, "b", 7);
    away(three, "c", 6);
    expect(three.isQuiet()).toBe(false);
    away(three, "c", 1);
    expect(three.isQuiet()).toBe(true);
  });

  test("are never in doubt once one answered, nor where there is none", () => {
    const book = zoneBook(["a"]);
    book.heard("example.com");
    away(book, "a", 100);
    expect(book.isQuiet()).toBe(false);
    expect(zoneBook([]).isQuiet()).toBe(false);
  });

  test("are given up only while nobody has answered, and are asked again after a late answer", () => {
    const book = zoneBook(["a"]);
    away(book, "a", 20);
    book.giveUp("ETIMEOUT from a");
    expect(book.refusal("example.com")).toBe("no DNS server answers: ETIMEOUT from a");
    book.heard(null);
    expect([book.isQuiet(), book.refusal("example.com")]).toEqual([false, null]);
    book.giveUp("ETIMEOUT from a");
    expect(book.refusal("example.com")).toBeNull();
  });
});
