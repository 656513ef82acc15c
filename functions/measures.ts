/** What a run tells CloudWatch of itself. Pure. */
import type { Scan } from "../lib/scout.ts";
import type { Measure } from "./metrics.ts";

/** ms */
interface Span {
  startedAt: number;
  endedAt: number;
}

type Emf = NonNullable<Measure["emf"]>;

/** A run that finished, its channels told or not. */
export function runMeasures(scan: Scan, { startedAt, endedAt }: Span): Measure[] {
  const labels = { cluster: scan.cluster };
  const of = (name: string, value: number, unit: Emf["unit"] = "Count", more: Measure["labels"] = {}): Measure => ({
    labels: { ...labels, ...more },
    emf: { name, unit, value },
  });
  const failed = scan.deliveries.filter(({ ok }) => !ok);
  const byKind = Map.groupBy(scan.findings, ({ kind }) => kind);
  return [
    of("SuccessfulRuns", 1),
    of("FailedRuns", 0),
    of("RunDuration", (endedAt - startedAt) / 1000, "Seconds"),
    of("DataAge", Math.max(0, endedAt - scan.window.to) / 1000, "Seconds"),
    of("Series", scan.series),
    of("Undelivered", failed.filter(({ insteadTo }) => insteadTo === undefined).length),
    of("ChannelFailures", new Set(failed.map(({ letter }) => letter.channel)).size),
    ...[...byKind].map(([kind, all]) => of("Findings", all.length, "Count", { kind })),
  ];
}

/** A run that did not finish. */
export function failedMeasures(cluster: string, code: string, { startedAt, endedAt }: Span): Measure[] {
  const labels = { cluster };
  return [
    { labels, emf: { name: "SuccessfulRuns", unit: "Count", value: 0 } },
    { labels, emf: { name: "FailedRuns", unit: "Count", value: 1 } },
    { labels: { ...labels, code }, emf: { name: "FailedRuns", unit: "Count", value: 1 } },
    { labels, emf: { name: "RunDuration", unit: "Seconds", value: (endedAt - startedAt) / 1000 } },
  ];
}
