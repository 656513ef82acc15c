const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/**
 * A number rounded to bfloat16, the upper 16 bits of a float32: 8 bits of exponent and 7 of mantissa, nearest, ties to even.
 * In: a finite number of at most 3.3e38. Out: a number that a bfloat16 holds exactly.
 */
export function bfloat16(value: number): number {
  float[0] = value;
  const raw = bits[0] ?? 0;
  bits[0] = (raw + 0x7fff + ((raw >>> 16) & 1)) & 0xffff0000;
  return float[0];
}

/** The 16 bits of a number that is a bfloat16 already. */
export function toBits(value: number): number {
  float[0] = value;
  return (bits[0] ?? 0) >>> 16;
}

/** The number of 16 bits; NaN and ±Infinity where they say so. */
export function fromBits(upper: number): number {
  bits[0] = upper << 16;
  return float[0] ?? 0;
}
