/**
 * Rows of Prometheus' answers → our words, each as it comes: of an answer with a hundred thousand of them nothing else is kept. Looked at
 * and not copied, as zod's own checks do. Pure.
 */
import type { Labels, Samples, Series } from "../model.ts";

type Sample = readonly [seconds: number, value: string];

/**
 * A row of a vector or of a matrix; null for what is neither.
 * @see https://prometheus.io/docs/prometheus/latest/querying/api/#expression-query-result-formats
 */
export function readRow(row: unknown): Series | Samples | null {
  if (!isObject(row) || !isLabels(row.metric)) return null;
  const { metric, value, values } = row;
  if (isSample(value)) return { labels: labelsOf(metric), value: numberOf(value[1]) };
  if (!Array.isArray(values) || !values.every(isSample)) return null;
  const read = values.map(([seconds, text]: Sample) => [Math.trunc(seconds * 1000), numberOf(text)] as const);
  return { labels: labelsOf(metric), values: read };
}

/** What `readRow` gives, of one kind. */
export const isVector = (rows: unknown): rows is Series[] =>
  Array.isArray(rows) && rows.every((row: Series | Samples | null) => row !== null && "value" in row);
export const isMatrix = (rows: unknown): rows is Samples[] =>
  Array.isArray(rows) && rows.every((row: Series | Samples | null) => row !== null && "values" in row);

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
const isSample = (value: unknown): value is Sample =>
  Array.isArray(value) && typeof value[0] === "number" && typeof value[1] === "string";

function isLabels(value: unknown): value is Labels {
  if (!isObject(value)) return false;
  for (const name in value) if (typeof value[name] !== "string") return false;
  return true;
}

/** Without the metric's name, which is no label of a source or destination. */
function labelsOf(metric: Labels): Labels {
  if (!("__name__" in metric)) return metric;
  const { __name__: _, ...labels } = metric;
  return labels;
}

const numberOf = (text: string): number =>
  text.endsWith("Inf")
    ? text.startsWith("-")
      ? Number.NEGATIVE_INFINITY
      : Number.POSITIVE_INFINITY
    : parseFloat(text);
