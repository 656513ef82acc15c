/** Good input with mistakes in it: what nearly passes goes deeper than what is all wrong. */
import fc from "fast-check";
import { hostileText } from "./texts.ts";

/** No text is made longer, characters. */
const longest = 100_000;

/** A place in a text whatever its length, as a share of it. */
const share = fc.nat({ max: 999_999 }).map((one) => one / 1_000_000);
const short = fc.integer({ min: 1, max: 40 });

type Change = (text: string) => string;

const cutAt = (text: string, at: number): number => Math.floor(at * (text.length + 1));
const spliced = (text: string, at: number, length: number, put: string) =>
  text.slice(0, cutAt(text, at)) + put + text.slice(cutAt(text, at) + length);

/** One piece over and over: what a pathological regular expression chokes on. */
const drawnOut = fc.tuple(share, short, fc.constantFrom(10, 100, 1_000, 10_000, 100_000)).map(
  ([at, length, most]): Change =>
    (text) => {
      const begin = cutAt(text, at);
      const piece = text.slice(begin, begin + length) || "a";
      return text.slice(0, begin) + piece.repeat(Math.ceil(most / piece.length)) + text.slice(begin + length);
    },
);

const changes = (pieces: fc.Arbitrary<string>): fc.Arbitrary<Change> =>
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.tuple(share, pieces).map(
        ([at, put]): Change =>
          (text) =>
            spliced(text, at, 0, put),
      ),
    },
    {
      weight: 4,
      arbitrary: fc.tuple(share, short, pieces).map(
        ([at, length, put]): Change =>
          (text) =>
            spliced(text, at, length, put),
      ),
    },
    {
      weight: 3,
      arbitrary: fc.tuple(share, short).map(
        ([at, length]): Change =>
          (text) =>
            spliced(text, at, length, ""),
      ),
    },
    {
      weight: 1,
      arbitrary: share.map(
        (at): Change =>
          (text) =>
            text.slice(0, cutAt(text, at)),
      ),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(share, share, fc.integer({ min: 1, max: 200 })).map(
        ([from, to, length]): Change =>
          (text) =>
            spliced(text, to, 0, text.slice(cutAt(text, from), cutAt(text, from) + length)),
      ),
    },
    { weight: 1, arbitrary: drawnOut },
  );

/** A text of `valid` with up to six mistakes: pieces put in, taken out, moved, drawn out, the end cut off. */
export function mutated(valid: fc.Arbitrary<string>, pieces: fc.Arbitrary<string> = hostileText): fc.Arbitrary<string> {
  return fc
    .tuple(valid, fc.array(changes(pieces), { maxLength: 6 }))
    .map(([text, all]) => all.reduce((before, change) => change(before), text).slice(0, longest));
}

/** One text over and over, up to 100 KB. */
export const repeated = (pieces: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(pieces, fc.constantFrom(1_000, 10_000, 100_000))
    .map(([piece, most]) => piece.repeat(Math.ceil(most / Math.max(1, piece.length))).slice(0, longest));

/** JSON that nests, as JSON.parse reads it to any depth: what looks into it must not go as deep. */
export const deepJson: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom(["[", "]"], ['{"a":', "}"], ['{"items":[', "]}"]), fc.constantFrom(100, 3_000, 8_000))
  .map(([[open = "", close = ""], depth]) => `${open.repeat(depth)}1${close.repeat(depth)}`);
