import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type PackRow, pack, unpacker } from "../../lib/remember/packs.ts";

function unpacked(parts: Iterable<Uint8Array>): PackRow[] {
  const { push, end } = unpacker("it");
  const rows = [...parts].flatMap((part) => [...push(part)]);
  end();
  return rows;
}

describe("a pack", () => {
  it("gives back any rows", () => {
    const row = fc.tuple(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        const plain = JSON.parse(JSON.stringify(rows));
        expect(unpacked(pack(rows))).toEqual(plain);
      }),
    );
  });

  it("is cut into parts that DynamoDB takes, also in the middle of a row that is larger than any part", () => {
    const rows: PackRow[] = [
      ["large", randomBytes(2_000_000).toString("base64")],
      ...Array.from({ length: 3_000 }, (_, index): PackRow => ["small", randomBytes(100 + index / 10).toString("hex")]),
    ];
    const parts = [...pack(rows)];
    expect(Math.max(...parts.map(({ length }) => length))).toBeLessThan(400 * 1024 - 4096);
    expect(parts.length).toBeGreaterThan(4);
    expect(unpacked(parts)).toEqual(rows);
  });

  it("that is cut, changed or none is refused", () => {
    const [part = Buffer.alloc(0)] = pack([["a", randomBytes(100).toString("hex")]]);
    const changed = (at: number) => part.map((byte, index) => (index === at ? byte ^ 1 : byte));
    for (const bad of [part.subarray(0, -1), part.subarray(0, 5), changed(4), changed(20), changed(part.length - 1)])
      expect(() => unpacked([bad])).toThrow(expect.objectContaining({ code: "store/corrupt" }));
    expect(() => unpacked([Buffer.from("no pack at all, but text")])).toThrow(
      expect.objectContaining({ code: "store/corrupt" }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), (bytes) => {
        expect(() => unpacked([bytes])).toThrow(expect.objectContaining({ code: "store/corrupt" }));
      }),
    );
  });
});
