/** ln √(2π) */
const halfLogTwoPi = 0.9189385332046727;

/** From here on seven terms of the series below leave an error under 1e-16. */
const large = 10;

/**
 * Natural logarithm of the Gamma function, ln Γ(x).
 * In: x > 0 (no unit). Out: good to 1e-12 relative, and to 1e-14 absolute beside its zeros at 1 and 2.
 * Source: Stirling's series (Abramowitz & Stegun 6.1.41); a small x is first moved up by Γ(x+1) = x Γ(x) (6.1.15).
 */
export function lgamma(x: number): number {
  let moved = x;
  let product = 1;
  while (moved < large) {
    product *= moved;
    moved += 1;
  }
  const stirling = (moved - 0.5) * Math.log(moved) - moved + halfLogTwoPi + correction(moved);
  return product === 1 ? stirling : stirling - Math.log(product);
}

/** Σ B₂ₖ / (2k (2k−1) x²ᵏ⁻¹) for k = 1…7, in Horner's order. */
function correction(x: number): number {
  const square = 1 / (x * x);
  let sum = 1 / 156;
  sum = sum * square - 691 / 360360;
  sum = sum * square + 1 / 1188;
  sum = sum * square - 1 / 1680;
  sum = sum * square + 1 / 1260;
  sum = sum * square - 1 / 360;
  sum = sum * square + 1 / 12;
  return sum / x;
}
