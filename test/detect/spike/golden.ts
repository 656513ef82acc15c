/** The golden vectors' own words: how their histories are made. */
import cases from "../../data/detector-cases.json" with { type: "json" };

/** A part of a history. It adds `n` calls to some buckets from `from` until `to`. */
interface Part {
  n: number;
  from?: number;
  to?: number;
  /** Every `period` buckets, `len` of them, beginning with `at`. */
  period?: number;
  at?: number;
  len?: number;
  /** Pseudo-random: in `permille` of a thousand buckets, or `spread` more or less in all. */
  lcg?: number;
  permille?: number;
  spread?: number;
}

export interface Result {
  status: string;
  expected?: number;
  p?: number;
  evidence?: number;
  threshold?: number;
  since?: number;
  total?: number;
  totalExpected?: number;
  opened?: string | null;
  closed?: string | null;
  open?: boolean;
  text?: string;
}

export interface GoldenCase {
  name: string;
  start: number;
  buckets: number;
  history: Part[];
  current: (number | null)[];
  missing?: [number, number][];
  params?: { falseAlarmsPerKeyWeek: number };
  result: Result[];
}

export const goldenCases = cases as unknown as GoldenCase[];

/** Calls of a part in a bucket. */
function partAt(part: Part, bucket: number): number {
  if (bucket < (part.from ?? 0) || bucket >= (part.to ?? Number.MAX_SAFE_INTEGER)) return 0;
  if (part.lcg !== undefined) {
    const random = scramble(bucket, part.lcg);
    if (part.spread !== undefined) return part.n + (random % (2 * part.spread + 1)) - part.spread;
    return random % 1000 < (part.permille ?? 0) ? part.n : 0;
  }
  const period = part.period ?? 1;
  const phase = (((bucket - (part.at ?? 0)) % period) + period) % period;
  return phase < (part.len ?? 1) ? part.n : 0;
}

/** The vectors' 32-bit hash of a bucket. */
function scramble(bucket: number, seed: number): number {
  const mixed = (Math.imul(bucket, 1664525) + Math.imul(seed, 1013904223) + 12345) >>> 0;
  const once = Math.imul(mixed ^ (mixed >>> 16), 0x45d9f3b) >>> 0;
  return (once ^ (once >>> 16)) >>> 0;
}

/** What was counted in a bucket of the case's history; null where it was not scraped. */
export function countAt({ history, missing = [] }: GoldenCase, bucket: number): number | null {
  if (missing.some(([from, to]) => from <= bucket && bucket < to)) return null;
  return history.reduce((sum, part) => sum + partAt(part, bucket), 0);
}
