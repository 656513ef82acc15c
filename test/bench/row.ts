/** A row of the one table: a figure of ours beside a baseline of the same run. */

/** What is measured. The letters are those of docs/bench.md. */
export const groups = {
  a: "a whole scan",
  b: "as more is known",
  c: "instead of it",
  d: "names",
  e: "functions",
  f: "plan, replay, lint",
  g: "detection",
} as const;
export type Group = keyof typeof groups;

/** A bound that an issue names: on the ratio, or on the figure itself. */
export interface Limit {
  of: "ratio" | "ours";
  most?: number;
  least?: number;
}

export interface Measured {
  figure: string;
  unit: string;
  ours: number;
  /** Measured in the same run, in the same unit. */
  baseline: number;
  /** What the baseline is. */
  against: string;
  /** One standard error of ours, in the same unit, where it is a share of a sample. */
  error?: number | undefined;
  limit?: Limit | undefined;
}

export interface Row extends Omit<Measured, "limit"> {
  group: Group;
  /** ours / baseline; null where the baseline is zero. */
  ratio: number | null;
  limit: Limit | null;
  /** Null without a limit. */
  holds: boolean | null;
}

/** @throws Error for what was not measured */
export function rowOf(
  group: Group,
  { limit = null, ...measured }: Omit<Measured, "limit"> & { limit?: Limit | null | undefined },
): Row {
  const { figure, ours, baseline } = measured;
  if (!Number.isFinite(ours) || !Number.isFinite(baseline))
    throw new Error(`${group} ${figure}: ${ours} and ${baseline}`);
  const ratio = baseline === 0 ? null : ours / baseline;
  return {
    group,
    ...measured,
    ratio,
    limit,
    holds: limit === null ? null : isHeld(limit, limit.of === "ours" ? ours : ratio),
  };
}

const isHeld = ({ most, least }: Limit, value: number | null): boolean =>
  value !== null && (most === undefined || value <= most) && (least === undefined || value >= least);

/** Three digits that count; whole numbers as they are. */
export function rounded(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(3)));
}

const limitText = ({ of, most, least }: Limit): string =>
  `${of === "ratio" ? "ratio " : ""}${most === undefined ? `>= ${least}` : `<= ${most.toLocaleString("en")}`}`;

/** The table as text, with a head. */
export function tableOf(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.group,
    `${row.figure}, ${row.unit}`,
    row.error === undefined ? rounded(row.ours) : `${rounded(row.ours)} ±${row.error.toPrecision(1)}`,
    rounded(row.baseline),
    row.ratio === null ? "" : row.ratio.toFixed(2),
    row.limit === null ? "" : limitText(row.limit),
    row.holds === null ? "" : row.holds ? "yes" : "NO",
    row.against,
  ]);
  const head = ["", "figure", "ours", "baseline", "ratio", "limit", "holds", "the baseline is"];
  const widths = head.map((name, column) => Math.max(name.length, ...cells.map((one) => (one[column] ?? "").length)));
  const isNumber = (column: number) => column >= 2 && column <= 4;
  const line = (one: readonly string[]) =>
    one
      .map((text, column) => (isNumber(column) ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0)))
      .join("  ")
      .trimEnd();
  return [line(head), ...cells.map(line)].join("\n");
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
