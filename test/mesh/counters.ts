/** Counters as a proxy keeps them, and the text that Prometheus reads. */
import type { Labels } from "./labels.ts";

export interface Counter {
  metric: string;
  labels: Labels;
  /** The labels between the braces, escaped: the counter's identity beside its metric. */
  text: string;
  value: number;
}

export interface Counters {
  /** Counts up; the first time makes the series. */
  add(metric: string, labels: Labels, by: number): void;
  /** Grouped by metric, in the order first seen. */
  all(): Counter[];
}

/** An empty set of counters. */
export function createCounters(): Counters {
  const families = new Map<string, Map<string, Counter>>();
  return {
    add(metric, labels, by) {
      const family = families.get(metric) ?? new Map<string, Counter>();
      families.set(metric, family);
      const text = labelText(labels);
      const counter = family.get(text) ?? { metric, labels, text, value: 0 };
      family.set(text, counter);
      counter.value += by;
    },
    all: () => [...families.values()].flatMap((family) => [...family.values()]),
  };
}

/** `name="value",…` with the three escapes the format knows; every other byte, NUL included, stands for itself. */
export function labelText(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escapeLabel(value)}"`)
    .join(",");
}

/** A label value as both text formats want it between quotes. */
export function escapeLabel(value: string): string {
  return value.replace(/[\\"\n]/g, (found) => (found === "\n" ? "\\n" : `\\${found}`));
}

/** The Prometheus text format, version 0.0.4: what a sidecar answers on /stats/prometheus. */
export function renderText(counters: Counters): string {
  const lines: string[] = [];
  let family = "";
  for (const { metric, text, value } of counters.all()) {
    if (metric !== family) lines.push(`# HELP ${metric} A counter of the simulated mesh.`, `# TYPE ${metric} counter`);
    family = metric;
    lines.push(`${metric}{${text}} ${value}`);
  }
  return lines.map((line) => `${line}\n`).join("");
}
