import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Width, Words } from "../../../lib/enrich/ranges/address-words.ts";
import { flatten, nothing, valueAt } from "../../../lib/enrich/ranges/flatten.ts";
import { spanBuilder } from "../../../lib/enrich/ranges/spans.ts";

interface Span {
  start: Words;
  end: Words;
  value: number;
}

function build(width: Width, spans: readonly Span[]) {
  const builder = spanBuilder(width);
  for (const { start, end, value } of spans) builder.add(start, end, value);
  return flatten(builder.done());
}

const big = (words: Words) => words.reduce((sum, word) => sum * 2n ** 32n + BigInt(word), 0n);

/** The rule, one by one: who begins last, then who is shorter, then who has the larger value. */
function naive(spans: readonly Span[], address: Words): number {
  const at = big(address);
  const holding = spans.filter(({ start, end }) => big(start) <= at && at <= big(end));
  const [best] = holding.sort(
    (one, other) =>
      Number(big(other.start) - big(one.start)) || Number(big(one.end) - big(other.end)) || other.value - one.value,
  );
  return best?.value ?? nothing;
}

const few = fc.nat(40);
/** Words at both ends and at the carry. */
const edge = fc.constantFrom(0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff);

function spansOf(address: fc.Arbitrary<Words>): fc.Arbitrary<Span[]> {
  const span = fc.tuple(address, address, fc.nat(5)).map(([one, other, value]): Span => {
    return big(one) <= big(other) ? { start: one, end: other, value } : { start: other, end: one, value };
  });
  return fc.array(span, { maxLength: 30 });
}

describe("ranges that overlap in any way", () => {
  const cases: [name: string, width: Width, address: fc.Arbitrary<Words>][] = [
    ["IPv4, dense", 1, fc.tuple(few)],
    ["IPv4, at the ends of all", 1, fc.tuple(fc.oneof(edge, few))],
    ["IPv6, dense", 4, fc.tuple(fc.nat(1), fc.constant(0), fc.nat(1), few)],
    ["IPv6, at the carries", 4, fc.tuple(edge, edge, edge, edge)],
  ];
  test.each(cases)("%s", (_, width, address) => {
    fc.assert(
      fc.property(spansOf(address), fc.array(address, { maxLength: 20 }), (spans, asked) => {
        const flat = build(width, spans);
        for (const one of [...asked, ...spans.flatMap(({ start, end }) => [start, end])]) {
          expect(valueAt(flat, one), JSON.stringify(one)).toBe(naive(spans, one));
        }
      }),
      { numRuns: 200 },
    );
  });

  test("the line is sorted, without repeats, and of neighbours that differ", () => {
    fc.assert(
      fc.property(spansOf(fc.tuple(few)), (spans) => {
        const { starts, values } = build(1, spans);
        const from = [...starts];
        expect(from).toEqual([...new Set(from)].sort((one, other) => one - other));
        for (const [index, value] of values.entries())
          expect(value).not.toBe(index === 0 ? nothing : values[index - 1]);
      }),
    );
  });

  test("nothing in, nothing found", () => {
    expect(valueAt(build(1, []), [1])).toBe(nothing);
    expect(valueAt(build(4, []), [1, 2, 3, 4])).toBe(nothing);
  });
});
