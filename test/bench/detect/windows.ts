/** Sums and medians over windows that move along counts. */

/** In: numbers. Out: `between(from, to)`, the sum of those from `from` up to but not with `to`, in O(1). */
export function prefixSums(values: readonly number[]): { between(from: number, to: number): number } {
  const sums = new Float64Array(values.length + 1);
  for (const [i, value] of values.entries()) sums[i + 1] = (sums[i] ?? 0) + value;
  const upTo = (end: number) => sums[Math.min(Math.max(end, 0), values.length)] ?? 0;
  return { between: (from, to) => upTo(to) - upTo(from) };
}

/** Whole numbers ≥ 0 by how often they are in it. */
export class Histogram {
  readonly #times: number[] = [];
  #size = 0;

  add(value: number): void {
    while (this.#times.length <= value) this.#times.push(0);
    this.#times[value] = (this.#times[value] ?? 0) + 1;
    this.#size += 1;
  }

  remove(value: number): void {
    this.#times[value] = (this.#times[value] ?? 0) - 1;
    this.#size -= 1;
  }

  /** The middle one, or the mean of the two in the middle. */
  median(): number {
    const find = (rank: number) => {
      let seen = 0;
      return this.#times.findIndex((times) => {
        seen += times;
        return seen > rank;
      });
    };
    const upper = find(this.#size >> 1);
    return this.#size % 2 === 1 ? upper : (find((this.#size >> 1) - 1) + upper) / 2;
  }

  /** The median of the distances from a number (of the upper one of two). */
  deviation(from: number): number {
    let seen = 0;
    // Distances of halves: the median may lie between two whole numbers.
    for (let distance = from % 1; ; distance += 1) {
      seen += this.#times[from - distance] ?? 0;
      if (distance > 0) seen += this.#times[from + distance] ?? 0;
      if (seen > this.#size >> 1 || distance > this.#times.length) return distance;
    }
  }
}
