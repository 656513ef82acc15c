import { expect, it } from "vitest";
import { takeWhole } from "../../lib/notify/take-whole.ts";

const forms = (length: number) => [`${"x".repeat(length)}`, `${"x".repeat(Math.ceil(length / 2))}`];
const take = (lengths: number[], room: number[]) =>
  takeWhole(lengths, forms, (piece) => [piece.length, 1], room).map((piece) => piece.length);

it("takes the fullest form that fits", () => {
  expect(take([4, 4, 4], [10, 9])).toEqual([4, 4, 2]);
});

it("stops at the first that does not fit, though a later one would", () => {
  expect(take([4, 40, 2], [10, 9])).toEqual([4]);
});

it("keeps to every kind of room", () => {
  expect(take([1, 1, 1], [10, 2])).toEqual([1, 1]);
  expect(take([1], [10, 0])).toEqual([]);
});
