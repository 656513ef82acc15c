import { lgamma } from "./lgamma.ts";

/**
 * ln P(X = x) of the beta negative binomial: x failures before the r-th success, the chance of success being Beta(a, b).
 * In: x ≥ 0 whole; r, a, b > 0. Out: nats. Source: Johnson, Kemp & Kotz, Univariate Discrete Distributions, §6.2.3.
 */
export function logBetaNb(x: number, r: number, a: number, b: number): number {
  return logWays(x, r) + logRise(r, a) + logRise(x, b) - logRise(r + x, a + b);
}

/** Up to so many factors are multiplied out: quicker than two Gamma functions, and no digits are lost between them. */
const fewSteps = 8;

/** ln of Γ(from + steps) / Γ(from), which is from · (from + 1) · … for whole steps. In: steps ≥ 0, from > 0. Out: nats. */
export function logRise(steps: number, from: number): number {
  if (steps <= fewSteps && Number.isInteger(steps)) {
    let product = 1;
    for (let i = 0; i < steps; i += 1) product *= from + i;
    return Math.log(product);
  }
  return lgamma(from + steps) - lgamma(from);
}

/** ln of Γ(x + r) / (Γ(r) x!): the binomial coefficient of a negative binomial. In: x ≥ 0 whole, r > 0. Out: nats. */
export function logWays(x: number, r: number): number {
  return lgamma(x + r) - lgamma(r) - lgamma(x + 1);
}

/**
 * ln P(Y = y) of the negative binomial with the given mean and size, short of `logWays(y, size)`, which callers that ask for many means
 * at one y compute once. In: y ≥ 0 whole; mean, size > 0. Out: nats. The variance is mean + mean²/size.
 */
export function logNbShape(y: number, mean: number, size: number): number {
  const success = size * Math.log(size / (size + mean));
  return y === 0 ? success : success + y * Math.log(mean / (size + mean));
}
