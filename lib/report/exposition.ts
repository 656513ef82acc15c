/** Metrics as Prometheus reads them, in its text format. Pure. https://prometheus.io/docs/instrumenting/exposition_formats/ */

export interface Sample {
  name: string;
  help: string;
  type: string;
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** Samples of one metric stand together, after its help and type, as the format asks. */
export function exposition(samples: readonly Sample[]): string {
  const families = Map.groupBy(samples, ({ name }) => name);
  return [...families.values()]
    .flatMap((family) => [
      ...family.slice(0, 1).flatMap(({ name, help, type }) => [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`]),
      ...family.map(sampleLine),
    ])
    .map((line) => `${line}\n`)
    .join("");
}

export function sampleLine({ name, labels, value }: Pick<Sample, "name" | "labels" | "value">): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}`;
}

/** Half of a pair of code units is no text that UTF-8 could hold. */
const escaped = (text: string): string =>
  text.toWellFormed().replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
