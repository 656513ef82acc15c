import { logBetaNb } from "./beta-nb.ts";
import type { Calendar } from "./calendars.ts";
import { shapes, sizeOf } from "./forecast.ts";
import { shapeCount } from "./state.ts";

/** So many terms are added one by one; beyond, the curve is smooth enough for steps of a hundredth. */
const oneByOne = 5000;
const step = 0.01;

/**
 * The chance of at least so many calls in one bucket by the forecast: shown to people, it decides nothing.
 * In: the calendars of the bucket and the weights, both before the bucket is learned; the count. Out: a probability; differences below
 * 1e-12 are rounding.
 */
export function tail(calendars: readonly Calendar[], weights: Float64Array, count: number): number {
  if (count <= 0) return 1;
  let sum = 0;
  calendars.forEach((calendar, c) => {
    shapes.forEach((shape, s) => {
      const { r, a, b } = sizeOf(calendar, shape);
      const weight = weights[c * shapeCount + s] ?? 0;
      sum += weight * calendar.busy * Math.max(0, 1 - below(count - 1, r, a, b));
    });
  });
  return Math.min(1, sum);
}

/** P(X < end) of a beta negative binomial. */
function below(end: number, r: number, a: number, b: number): number {
  let log = logBetaNb(0, r, a, b);
  let sum = 0;
  const exact = Math.min(end, oneByOne);
  for (let x = 0; x < exact; x += 1) {
    sum += Math.exp(log);
    // P(x + 1) / P(x): no Gamma function needed.
    log += Math.log(((x + r) * (b + x)) / ((x + 1) * (a + r + b + x)));
  }
  return end > exact ? sum + between(exact, end, r, a, b) : sum;
}

/** Σ P(x) for from ≤ x < end, as an integral over ln x by trapezoids; the shift of ½ is the midpoint rule for the sum. */
function between(from: number, end: number, r: number, a: number, b: number): number {
  const length = Math.log((end - 0.5) / (from - 0.5));
  const parts = Math.max(1, Math.ceil(length / step));
  let sum = 0;
  for (let i = 0; i <= parts; i += 1) {
    const x = (from - 0.5) * Math.exp((length * i) / parts);
    const height = x * Math.exp(logBetaNb(x, r, a, b));
    sum += i === 0 || i === parts ? height / 2 : height;
  }
  return (sum * length) / parts;
}
