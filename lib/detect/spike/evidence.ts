import { logNbShape, logWays } from "./beta-nb.ts";
import { type Cusum, excesses, priors } from "./state.ts";

/** Size (dispersion) of the negative binomial that an excess is assumed to follow. */
const spread = 20;

/** Beyond e^60 more evidence changes nothing, and the sum stays far from overflow. */
const ceiling = 60;

/**
 * Adds a bucket to the six CUSUMs, in place: ln of (how likely if there were such an excess / how likely if all is normal).
 * In: the CUSUMs; the bucket; its count; the calls expected; ln of the forecast's chance of the count.
 * Out: the evidence of all six together, ln Σ prior · e^C, in nats, and the CUSUM that has the most.
 * Source: detector design §4; CUSUM after Page 1954, mixed over excesses.
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
    if (cusum.evidence <= 0) begin(cusum, bucket);
    cusum.evidence += ways + logNbShape(count, expected + (excesses[j] ?? 0), spread) - logNormal;
    cusum.total += count;
    cusum.expected += expected;
    sum += (priors[j] ?? 0) * Math.exp(Math.min(cusum.evidence, ceiling));
    if (strongest && cusum.evidence > strongest.evidence) strongest = cusum;
  });
  return { evidence: Math.log(sum), strongest };
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
