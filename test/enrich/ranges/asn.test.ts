import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asnIndex } from "../../../lib/enrich/ranges/asn-index.ts";
import { asnReader } from "../../../lib/enrich/ranges/asn-parse.ts";

/** The table of a text, fed in pieces of so many bytes. */
function read(text: string, piece = 7) {
  const bytes = Buffer.from(text, "utf8").toString("latin1");
  const reader = asnReader();
  for (let from = 0; from < bytes.length; from += piece) reader.push(bytes.slice(from, from + piece));
  return reader.done();
}

const found = (text: string, ...addresses: string[]) => {
  const index = asnIndex([read(text)]);
  return addresses.map((address) => {
    const asn = index.find(address);
    return asn && `${asn.asn} ${asn.organization ?? "-"}`;
  });
};

describe("a table of autonomous systems", () => {
  test("dotted, without order or end of line, with quotes, commas and an empty name", () => {
    const text = [
      '198.51.100.0,198.51.100.255,64500,"Example, Inc."',
      '192.0.2.0,192.0.2.127,64501,"The ""old"" one"',
      "192.0.2.128,192.0.2.255,64502,Plain name",
      "203.0.113.0,203.0.113.255,64503,",
    ].join("\n");
    expect(
      found(text, "198.51.100.255", "192.0.2.127", "192.0.2.128", "203.0.113.1", "203.0.114.0", "198.51.99.255"),
    ).toEqual(["64500 Example, Inc.", "64501 The 'old' one", "64502 Plain name", "64503 -", null, null]);
  });

  test("as numbers, with every field quoted, a heading, AS before the number, and Windows' ends of lines", () => {
    const text = '"start","end","asn","org"\r\n"3405803776","3405804031","AS64500","One"\r\n';
    expect(found(text, "203.0.113.0", "203.0.113.255", "203.0.114.0", "::ffff:203.0.113.9")).toEqual([
      "64500 One",
      "64500 One",
      null,
      "64500 One",
    ]);
  });

  test("IPv6, as such and as numbers", () => {
    const end = 2n ** 128n - 1n;
    const start = 0x20010db8n << 96n;
    const text = [
      "2001:db8:1::,2001:db8:1:ffff:ffff:ffff:ffff:ffff,64500,One",
      `${start + (2n << 80n)},${start + (3n << 80n) - 1n},64501,Two`,
      `${end - 1n},${end},64502,Last`,
    ].join("\n");
    expect(
      found(
        text,
        "2001:db8:1::7",
        "2001:db8:2:ffff:ffff:ffff:ffff:ffff",
        "2001:db8:3::",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
      ),
    ).toEqual(["64500 One", "64501 Two", null, "64502 Last"]);
  });

  test("a range within another wins; a system has the name of its first row; 0 is nobody's", () => {
    const text =
      "20.0.0.0,20.255.255.255,1,One\n20.1.0.0,20.1.255.255,2,Two\n20.2.0.0,20.2.0.255,1,Other\n20.3.0.0,20.3.0.255,0,Not routed\n";
    expect(found(text, "20.0.0.1", "20.1.0.1", "20.2.0.1", "20.3.0.1", "20.2.1.0")).toEqual([
      "1 One",
      "2 Two",
      "1 One",
      "1 One",
      "1 One",
    ]);
  });

  test("names in UTF-8 and hostile ones are printable", () => {
    const text =
      '20.0.0.0,20.0.0.255,1,"Telefónica España & Söhne"\n20.0.1.0,20.0.1.255,2,"\u001b[31m<!channel>"\n20.0.2.0,20.0.2.255,3,テスト\n';
    expect(found(text, "20.0.0.1", "20.0.1.1", "20.0.2.1")).toEqual([
      "1 Telefonica Espana and Sohne",
      "2 \\u001b[31m\\u003c!channel\\u003e",
      "3 \\u30c6\\u30b9\\u30c8",
    ]);
  });

  test("rows that are none are counted, and the line of the first is told", () => {
    const rows = [
      "20.0.0.0,20.0.0.255,1,Good",
      "# a comment",
      "",
      "20.0.1.255,20.0.1.0,1,backwards",
      "20.0.1.0,2001:db8::,1,two families",
      "20.0.1.0,20.0.1.255",
      "20.0.1.0,20.0.1.255,4294967296,too large",
      "20.0.1.0,20.0.1.255,-1,negative",
      `${"9".repeat(39)},${"9".repeat(39)},1,beyond 2^128`,
      `20.0.1.0,20.0.1.255,1,${"x".repeat(100_000)}`,
      "20.0.2.0,20.0.2.255,2,Good",
    ];
    const { rows: count, refused, firstRefused } = read(rows.join("\n"), 4096);
    expect({ count, refused, firstRefused }).toEqual({ count: 9, refused: 7, firstRefused: 4 });
    expect(found(rows.join("\n"), "20.0.0.9", "20.0.1.9", "20.0.2.9")).toEqual(["1 Good", null, "2 Good"]);
  });

  test("tables in order: the first that has an address", () => {
    const one = read("20.0.0.0,20.0.0.255,1,One\n");
    const two = read("20.0.0.0,20.0.255.255,2,Two\n2001:db8::,2001:db8::ff,3,Three\n");
    const index = asnIndex([one, two]);
    expect(["20.0.0.1", "20.0.1.1", "2001:db8::1", "20.1.0.1"].map((address) => index.find(address)?.asn)).toEqual([
      1,
      2,
      3,
      undefined,
    ]);
    expect(index.size).toBe(3);
  });

  test("is the same however it is cut into pieces", () => {
    const text = '20.0.0.0,20.0.0.255,1,"Ö, ""A"""\r\n20.0.1.0,20.0.1.255,2,B\n\n335544832,335545087,3,C';
    const whole = read(text, 1e6);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 80 }), (piece) => {
        expect(read(text, piece)).toEqual(whole);
      }),
    );
    expect(whole).toMatchObject({ rows: 3, refused: 0, organizations: ['Ö, "A"', "B", "C"] });
  });

  test("never throws", () => {
    const lines = fc.array(
      fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("1.2.3.4", "9", ",", '"', "\n", "::1")),
    );
    fc.assert(
      fc.property(lines, (pieces) => {
        expect(() => read(pieces.join(""))).not.toThrow();
      }),
    );
  });
});
