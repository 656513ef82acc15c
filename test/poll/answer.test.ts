import { Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonOf } from "../../lib/poll/answer.ts";

/** In pieces of so many bytes. */
const inPieces = (text: string, size: number) => {
  const bytes = Buffer.from(text);
  return Readable.from(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => bytes.subarray(n * size, (n + 1) * size)),
  ).setEncoding("utf8");
};
const row = (n: number, text: string) => ({ metric: { n: String(n), text }, value: [1.5, String(n)] });

describe("poll/answer", () => {
  it("reads the same rows as JSON.parse, whatever their labels hold and wherever the pieces end", async () => {
    const texts = fc.oneof(
      fc.string({ unit: "binary", maxLength: 40 }),
      fc.constantFrom(',{"metric":', '[{"metric":', '"},{"metric":{', "]}}", "\\"),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(texts, { minLength: 1, maxLength: 9 }),
        fc.integer({ min: 50_000, max: 99_999 }),
        async (some, size) => {
          const result = Array.from({ length: 9_000 }, (_, n) => row(n, some[n % some.length] ?? ""));
          const answer = {
            warnings: ['[{"metric":'],
            status: "success",
            data: { resultType: "vector", result, stats: {} },
          };
          const text = JSON.stringify(answer);
          expect(await jsonOf(inPieces(text, size))).toEqual(JSON.parse(text));
        },
      ),
      { numRuns: 12 },
    );
  });

  it("reads what is written otherwise", async () => {
    const spaced = JSON.stringify(
      { status: "success", data: { result: Array.from({ length: 9_000 }, (_, n) => row(n, "a")) } },
      null,
      1,
    );
    expect(await jsonOf(inPieces(spaced, 65_536))).toEqual(JSON.parse(spaced));
  });

  it.each([
    ["cut off", (text: string) => text.slice(0, -1)],
    ["cut off in its rows", (text: string) => text.slice(0, text.length >> 1)],
    ["with rows elsewhere", (text: string) => text.replace('"data"', '"rows"')],
    ["followed by more", (text: string) => `${text}{}`],
  ])("takes an answer that is %s for no JSON", async (_, change) => {
    const whole = JSON.stringify({ data: { result: Array.from({ length: 9_000 }, (_, n) => row(n, "abc")) } });
    await expect(jsonOf(inPieces(change(whole), 65_536))).rejects.toThrow(SyntaxError);
  });
});
