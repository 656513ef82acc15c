import { logNbShape, logWays } from "./beta-nb.ts";
import type { Cusum } from "./state.ts";

/** Excesses (calls a bucket) that are looked for, and how much each one counts; weighted for +10. */
const excesses = [
  { calls: 1, prior: 0.05 },
  { calls: 3, prior: 0.15 },
  { calls: 10, prior: 0.45 },
  { calls: 30, prior: 0.25 },
  { calls: 100, prior: 0.05 },
  { calls: 400, prior: 0.05 },
] as const;

/** Size (dispersion) of the negative binomial that an excess is assumed to follow. */
const spread = 20;

/**
 * A seventh, which the design lacks: any excess from 400 calls up, however large. Under "+400" a storm of 3,000 is less likely than under
 * the heavy tail of what is normal, so that the six alone count the largest spikes as evidence against one. The excess follows a power law,
 * P(Z ≥ z) = (400/z)^¼, whose tail is heavier than any the forecast has. It adds 0.05 to the priors' sum: the false alarms allowed grow by
 * a twentieth at most, and where no bucket exceeds the forecast by 400 nothing differs from the design.
 */
const storm = { least: 400, power: 0.25, prior: 0.05 };

/** Beyond e^60 more evidence changes nothing, and the sum stays far from overflow; below e^-690 there is none. */
const ceiling = 60;
const least = 1e-300;

/**
 * Adds a bucket to the CUSUMs, in place: ln of (how likely if there were such an excess / how likely if all is normal).
 * In: the CUSUMs, one for each of the six and the storm's last; the bucket; its count; the calls expected; ln of the forecast's chance of the count.
 * Out: the evidence of all together, ln Σ prior · e^C, in nats, and the CUSUM that has the most.
 * Source: CUSUM after Page 1954, mixed over excesses.
 */
export function addEvidence(
  cusums: readonly Cusum[],
  bucket: number,
  count: number,
  expected: number,
  logNormal: number,
): { evidence: number; strongest: Cusum | undefined } {
  const ways = count === 0 ? 0 : logWays(count, spread);
  let sum = 0;
  let strongest = cusums[0];
  cusums.forEach((cusum, j) => {
    const excess = excesses[j];
    const logExcess = excess
      ? ways + logNbShape(count, expected + excess.calls, spread)
      : logStorm(count - Math.ceil(expected));
    if (cusum.evidence <= 0) begin(cusum, bucket);
    cusum.evidence += logExcess - logNormal;
    cusum.total += count;
    cusum.expected += expected;
    sum += (excess ?? storm).prior * Math.exp(Math.min(cusum.evidence, ceiling));
    if (strongest && cusum.evidence > strongest.evidence) strongest = cusum;
  });
  return { evidence: Math.log(Math.max(sum, least)), strongest };
}

/** ln P(Z = z) of the storm's power law: (least/z)^power − (least/(z+1))^power. In: calls above the expected ones. Out: nats, -Infinity below 400. */
export function logStorm(excess: number): number {
  if (excess < storm.least) return Number.NEGATIVE_INFINITY;
  // The difference of two nearly equal powers, without losing its digits.
  return storm.power * Math.log(storm.least / excess) + Math.log(-Math.expm1(-storm.power * Math.log1p(1 / excess)));
}

function begin(cusum: Cusum, bucket: number): void {
  cusum.evidence = 0;
  cusum.since = bucket;
  cusum.total = 0;
  cusum.expected = 0;
}

/** Forgets all evidence: after an episode, and where data were missing for long. */
export function dropEvidence(cusums: readonly Cusum[]): void {
  for (const cusum of cusums) cusum.evidence = 0;
}

/** Keeps evidence from piling up beyond what opens an episode, so that what comes after one is judged afresh soon. */
export function capEvidence(cusums: readonly Cusum[], most: number): void {
  for (const cusum of cusums) cusum.evidence = Math.min(cusum.evidence, most);
}
