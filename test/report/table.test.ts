import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { table } from "../../lib/report/table.ts";

const plain = (rows: string[][]) => table(rows, (text) => text);

describe("report/table", () => {
  it("aligns columns two spaces apart, numbers to the right, and leaves no space at the end", () => {
    const rows = [
      ["NAME", "COUNT", "OWNER"],
      ["api", "7", "shop"],
      ["checkout", "1234567", ""],
    ];
    expect(plain(rows)).toBe(["NAME        COUNT  OWNER", "api             7  shop", "checkout  1234567"].join("\n"));
  });

  it("takes a column for numbers only where all of it is", () => {
    expect(
      plain([
        ["A", "B"],
        ["7", "x"],
        ["10?", "y"],
      ]),
    ).toBe("A    B\n7    x\n10?  y");
  });

  it("paints a cell after it was padded, by its column and row", () => {
    const painted = table(
      [
        ["A", "B"],
        ["xyz", "7"],
      ],
      (text, column, row) => `${column}${row}[${text}]`,
    );
    expect(painted).toBe("00[A  ]  10[B]\n01[xyz]  11[7]");
  });

  it("is empty for no rows", () => {
    expect(plain([])).toBe("");
  });

  it("puts every cell where its column begins, whatever is in the others", () => {
    const cell = fc.string({ unit: fc.constantFrom("a", "b", "7"), minLength: 1, maxLength: 9 });
    const rows = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(rows, (all) => {
        const lines = plain([["AAA", "BBB", "CCC"], ...all]).split("\n");
        expect(lines).toHaveLength(all.length + 1);
        all.forEach((row, index) => void expect(lines[index + 1]?.trim().split(/ +/)).toEqual(row));
      }),
    );
  });
});
