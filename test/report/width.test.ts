import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { table } from "../../lib/report/table.ts";
import { cutEnd, cutMiddle, displayWidth, padEnd, padStart, wrap } from "../../lib/report/width.ts";
import { legible } from "../../lib/words/printable.ts";

const anything = fc.string({ unit: "grapheme", maxLength: 40 });

describe("report/width", () => {
  it.each([
    ["api.stripe.com", 14],
    ["店舗", 4],
    ["チーム・㈱", 10],
    ["ｶﾅ", 2],
    ["café", 4],
    ["cafe\u0301", 4],
    ["🛒", 2],
    ["👩‍💻", 2],
    ["한국", 4],
    ["（全角）", 8],
    ["▁▂▇", 3],
    ["", 0],
  ])("%j takes %d cells", (text, cells) => {
    expect(displayWidth(text)).toBe(cells);
  });

  it("keeps more of the end, since that says whose a host is", () => {
    expect(cutMiddle("a-long-bucket.s3.eu-central-1.amazonaws.com", 24, "…")).toBe("a-long-…-1.amazonaws.com");
    expect(cutMiddle("店舗チーム", 7, "…")).toBe("店…ーム");
    expect(cutEnd("店舗チーム", 6, "…")).toBe("店舗…");
  });

  it("never makes more than it was told, nor changes what fits", () => {
    fc.assert(
      fc.property(anything, fc.integer({ min: 3, max: 60 }), (text, width) => {
        for (const cut of [cutMiddle, cutEnd]) {
          expect(displayWidth(cut(text, width, "…"))).toBeLessThanOrEqual(width);
          if (displayWidth(text) <= width) expect(cut(text, width)).toBe(text);
        }
        if (displayWidth(text) > width) return;
        expect(displayWidth(padEnd(text, width))).toBe(width);
        expect(displayWidth(padStart(text, width))).toBe(width);
      }),
    );
  });

  it("wraps between words and never within one", () => {
    expect(wrap("  why: one two three", 12, 4)).toBe("  why: one\n    two\n    three");
    expect(wrap("to 989d085c11cdd34fb57e36038498854b now", 12)).toBe("to\n989d085c11cdd34fb57e36038498854b\nnow");
    const words = fc.array(fc.stringMatching(/^[a-z]{1,15}$/), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(words, fc.integer({ min: 5, max: 40 }), (all, width) => {
        const lines = wrap(all.join(" "), width, 2).split("\n");
        expect(lines.flatMap((line) => line.trim().split(" "))).toEqual(all);
        for (const line of lines) expect(line.length <= width || !line.trim().includes(" ")).toBe(true);
      }),
    );
  });
});

describe("report/table on a terminal", () => {
  const rows = [
    ["WORKLOAD", "DESTINATION", "COUNT", "NAME", "VERDICT", "ID"],
    [
      "shop/frontend",
      "a-long-bucket.s3.eu-central-1.amazonaws.com:443 tls",
      "7",
      "-",
      "-",
      "989d085c11cdd34fb57e36038498854b",
    ],
    ["data/店舗", "api.example.com:443 tls", "1234", "x", "-", "4be1c09a77d24be1c09a77d24be1c09a"],
  ];
  const fit = { dots: "…", whole: ["ID"], extra: ["NAME"], below: ["ID", "COUNT"] };
  const lines = (width: number) => table(rows, (text) => text, { ...fit, width }).split("\n");

  it("leaves out what is empty or told elsewhere, cuts the widest, and puts below what has no room", () => {
    expect(lines(90)).toEqual([
      "WORKLOAD       DESTINATION                         COUNT  ID",
      "shop/frontend  a-long-buck….amazonaws.com:443 tls      7  989d085c11cdd34fb57e36038498854b",
      "data/店舗      api.example.com:443 tls              1234  4be1c09a77d24be1c09a77d24be1c09a",
    ]);
    expect(lines(44)).toEqual([
      "WORKLOAD       DESTINATION             COUNT",
      "shop/frontend  a-long-…ws.com:443 tls      7",
      "    id 989d085c11cdd34fb57e36038498854b",
      "data/店舗      api.exa…le.com:443 tls   1234",
      "    id 4be1c09a77d24be1c09a77d24be1c09a",
    ]);
  });

  it("is never wider than the terminal from 36 cells on, and has every id whole", () => {
    for (let width = 36; width < 140; width += 1) {
      const all = lines(width);
      for (const line of all) expect([width, line, displayWidth(line) <= width]).toEqual([width, line, true]);
      for (const row of rows.slice(1)) expect(all.join("\n")).toContain(row[5]);
    }
  });
});

describe("printable/legible", () => {
  it("keeps letters of any script, and writes what is unseen, moves or turns as escapes", () => {
    expect(legible("店舗 é 🛒 <b>")).toBe("店舗 é 🛒 <b>");
    expect(legible("a\u001b[2Jb\u202ec\u200bd\ne\u2028\u0007")).toBe(
      "a\\u001b[2Jb\\u202ec\\u200bd\\u000ae\\u2028\\u0007",
    );
    expect(legible("x".repeat(300), 5)).toBe("xxxxx...");
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        (text) => void expect(legible(text)).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u),
      ),
    );
  });
});
