import { bucketsPerHour } from "./bucket.ts";

/** What a person is told of a spike. */
export interface Spike {
  /** Calls counted in the run, and calls expected in it. */
  total: number;
  expected: number;
  /** Length of the run in buckets of five minutes. */
  buckets: number;
  /** Buckets since the last one that was as high, null for never. */
  ago: number | null;
}

/** A spike in words: "29 blocked in 10 min; expected 9.9; last like this: never". Plain ASCII, nothing a workload wrote. */
export function explain({ total, expected, buckets, ago }: Spike): string {
  const before = ago === null ? "never" : `${formatTenths((ago * 10) / bucketsPerHour)} h ago`;
  return `${total} blocked in ${5 * buckets} min; expected ${formatExpected(expected)}; last like this: ${before}`;
}

/** Two digits below ten, whole numbers above: `6.5e-05`, `0.012`, `9.9`, `310`. In: calls, ≥ 0. */
export function formatExpected(value: number): string {
  if (value >= 10) return String(roundHalfEven(value));
  if (value === 0) return "0";
  const [digits = "0", exponent = "0"] = value.toExponential(1).split("e");
  // Below 1e-4 zeros are hard to count.
  if (Number(exponent) < -4) return `${Number(digits)}e-${exponent.slice(1).padStart(2, "0")}`;
  return String(Number(value.toPrecision(2)));
}

/** 37.5 tenths → `3.8`. Ties go to the even neighbour, as they do in the golden vectors. */
function formatTenths(tenths: number): string {
  return (roundHalfEven(tenths) / 10).toFixed(1);
}

function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const over = value - below;
  if (over === 0.5) return below + (below % 2);
  return over < 0.5 ? below : below + 1;
}
