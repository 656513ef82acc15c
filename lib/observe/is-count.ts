/** Can a counter hold this? Finite, not negative, and small enough that its whole numbers are still told apart. Pure. */
export function isCount(value: number): boolean {
  return value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}
