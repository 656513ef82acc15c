import { logRise, logWays } from "./beta-nb.ts";
import { type Calendar, meanOf } from "./calendars.ts";
import { expertCount, shapeCount } from "./state.ts";

/** How bursts may be sized: the first shape has a heavy tail, the others are negative binomials from wide to narrow. */
export const shapes = [null, 0.5, 2, 8, 64, 2048] as const;

/** Bounds how fast the heavy tail may fall, however much was seen: as x^-(1 + 3). */
const heaviest = 3;

/** The beta negative binomial of one calendar's burst size in one shape: r, a, b of `logBetaNb`, for the calls beyond the first. */
export function sizeOf({ seen, extra }: Calendar, shape: number | null): { r: number; a: number; b: number } {
  if (shape !== null) return { r: shape, a: shape * seen, b: extra };
  const a = Math.min(seen, heaviest);
  return { r: 1, a: 1 + a, b: (a * extra) / seen };
}

/**
 * The chance that each of the 36 experts (calendar by calendar, shape by shape) gives to a count.
 * In: the calendars of the bucket; the count, whole and ≥ 0. Out: 36 probabilities.
 * An empty bucket needs no Gamma function, and most buckets are empty.
 */
export function chancesOf(calendars: readonly Calendar[], count: number): number[] {
  // Plain arrays: a typed array of this size costs more to make than all of an empty bucket's arithmetic.
  const chances: number[] = [];
  if (count === 0) {
    for (const { busy } of calendars) for (let s = 0; s < shapeCount; s += 1) chances.push(1 - busy);
    return chances;
  }
  const x = count - 1;
  const ways = shapes.map((shape) => logWays(x, shape ?? 1));
  let first: Calendar | null = null;
  let firstSizes: number[] = [];
  for (const calendar of calendars) {
    // "Always" and "runs" differ in the chance of a call alone: their sizes are the same.
    const same = first !== null && first.seen === calendar.seen && first.extra === calendar.extra;
    const sizes = same ? firstSizes : sizeChances(calendar, x, ways);
    if (first === null) {
      first = calendar;
      firstSizes = sizes;
    }
    for (const size of sizes) chances.push(calendar.busy * size);
  }
  return chances;
}

/** P(size − 1 = x) in each of the six shapes; `ways` are the terms that depend on x and the shape alone. */
function sizeChances(calendar: Calendar, x: number, ways: readonly number[]): number[] {
  const rise = logRise(x, calendar.extra);
  return shapes.map((shape, s) => {
    const { r, a, b } = sizeOf(calendar, shape);
    const riseOfB = shape === null ? logRise(x, b) : rise;
    return Math.exp((ways[s] ?? 0) + logRise(r, a) + riseOfB - logRise(r + x, a + b));
  });
}

/** Calls expected: every calendar's mean by the weight that its six shapes hold. */
export function expectedOf(calendars: readonly Calendar[], weights: Float64Array): number {
  let expected = 0;
  calendars.forEach((calendar, c) => {
    let weight = 0;
    for (let s = 0; s < shapeCount; s += 1) weight += weights[c * shapeCount + s] ?? 0;
    expected += weight * meanOf(calendar);
  });
  return expected;
}

/** The blend's chance of the count, never below 1e-300 so that its logarithm stays finite. */
export function blendOf(weights: Float64Array, chances: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < expertCount; i += 1) sum += (weights[i] ?? 0) * (chances[i] ?? 0);
  return Math.max(sum, 1e-300);
}
