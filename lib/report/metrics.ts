/** Precision as Prometheus metrics, in its text format. Pure. https://prometheus.io/docs/instrumenting/exposition_formats/ */
import { sampleLine } from "./exposition.ts";

interface Counts {
  kind: string;
  team: string;
  worth: number;
  noise: number;
  snoozed: number;
  unjudged: number;
  share: number | null;
}

const judgements = ["worth", "noise", "snoozed", "unjudged"] as const;

/** Gauges, since what is kept of told findings is bounded. Where nothing is judged there is no ratio. */
export function precisionMetrics(clusters: readonly { cluster: string; precision: readonly Counts[] }[]): string {
  const all = clusters.flatMap(({ cluster, precision }) =>
    precision.map((row) => ({ ...row, labels: { cluster, kind: row.kind, team: row.team } })),
  );
  const told = all.flatMap(({ labels, ...row }) =>
    judgements.map((judged) =>
      sampleLine({ name: "egress_scout_told_findings", labels: { ...labels, judged }, value: row[judged] }),
    ),
  );
  const shares = all.flatMap(({ labels, share }) =>
    share === null ? [] : [sampleLine({ name: "egress_scout_precision_ratio", labels, value: share })],
  );
  return [
    "# HELP egress_scout_told_findings Findings that were told, by detector, owner and what was decided about them.",
    "# TYPE egress_scout_told_findings gauge",
    ...told,
    "# HELP egress_scout_precision_ratio Share of the judged findings that were worth a message.",
    "# TYPE egress_scout_precision_ratio gauge",
    ...shares,
    "",
  ].join("\n");
}
