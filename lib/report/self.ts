/**
 * What a run tells of itself: when it ran, what it saw, how old the data was. One list, for Prometheus (a textfile, a Pushgateway) and for
 * CloudWatch (EMF) alike. Pure.
 */
import { findingKinds, severities } from "../model.ts";
import type { Told } from "./document.ts";

/** What CloudWatch gets in its place: the names that alarms know. */
export interface Emf {
  name: string;
  unit: "Count" | "Seconds";
  value: number;
}

/** One sample of one metric. All are gauges: a run knows nothing of the runs before it. */
export interface OwnMetric {
  name: string;
  help: string;
  type: "gauge";
  unit: "seconds" | "count";
  /** `cluster` first. Values are untrusted text. */
  labels: Readonly<Record<string, string>>;
  value: number;
  /** Null for what CloudWatch has no use for: times of day, and what is always 0. */
  emf: Emf | null;
}

/** When a run began and ended, ms. */
export interface Span {
  startedAt: number;
  endedAt: number;
}

/** What of a run its metrics tell. */
export type Run = Pick<Told, "cluster" | "window" | "queries" | "series" | "observations" | "known"> &
  Pick<Told, "blind" | "warnings" | "findings" | "deliveries" | "newest" | "open" | "undelivered">;

const help = {
  egress_scout_run_last_success_timestamp_seconds: "When the last run ended that finished.",
  egress_scout_run_end_timestamp_seconds: "When the last run ended, whatever came of it.",
  egress_scout_run_failed: "1 where the last run did not finish, with the code of its error.",
  egress_scout_run_duration_seconds: "How long the last run took.",
  egress_scout_run_window_end_timestamp_seconds: "Until when the last run looked.",
  egress_scout_data_age_seconds:
    "How old the newest data was that the last run could see, when it ended; good to two minutes.",
  egress_scout_run_series: "Rows that Prometheus returned in the last run.",
  egress_scout_run_queries: "Questions that the last run asked Prometheus.",
  egress_scout_run_observations: "Sources and destinations that the last run saw.",
  egress_scout_run_known_sightings: "Those of them that were known before.",
  egress_scout_findings: "Findings of the last run by detector and severity: found, changed or resolved.",
  egress_scout_open_findings: "Findings that are open and not silenced.",
  egress_scout_blind: "In how many ways the last run could not see.",
  egress_scout_run_warnings: "Warnings of the last run.",
  egress_scout_undelivered_letters: "Messages that were due and wait for a later run.",
  egress_scout_channel_failures: "Messages that the channel did not take in the last run.",
} as const;

export type OwnMetricName = keyof typeof help;
export const ownMetricNames = Object.keys(help);

/** The last name that a run which did not finish leaves as it was. */
export const lastSuccess: OwnMetricName = "egress_scout_run_last_success_timestamp_seconds";

/** Names a metric, and gives what CloudWatch gets of it. */
const metric = (
  name: OwnMetricName,
  labels: OwnMetric["labels"],
  value: number,
  emf: Emf | string | null = null,
): OwnMetric => ({
  ...{ name, help: help[name], type: "gauge", labels, value },
  unit: name.endsWith("_seconds") ? "seconds" : "count",
  emf: typeof emf === "string" ? { name: emf, unit: name.endsWith("_seconds") ? "Seconds" : "Count", value } : emf,
});

/**
 * A run that finished, its channels told or not. Metrics with labels come with every value they can have, zeros included, so that what is
 * pushed takes the place of all that was there.
 * @param channels those that the config has
 */
export function ownMetrics(run: Run, { startedAt, endedAt }: Span, channels: Iterable<string>): OwnMetric[] {
  const { cluster, window, findings, deliveries, newest = null, open, undelivered } = run;
  const of = { cluster };
  const gauge = (name: OwnMetricName, value: number, emf: Emf | string | null = null) => metric(name, of, value, emf);
  const failed = deliveries.filter(({ ok }) => !ok).map(({ letter }) => letter.channel);
  const total = (list: readonly string[], one: string) => list.filter((each) => each === one).length;
  const names = [...new Set([...channels, ...failed])].sort();
  const kinds = findings.map(({ kind, severity }) => `${kind} ${severity}`);
  return [
    gauge("egress_scout_run_last_success_timestamp_seconds", endedAt / 1000, {
      ...{ name: "SuccessfulRuns", unit: "Count", value: 1 },
    }),
    gauge("egress_scout_run_end_timestamp_seconds", endedAt / 1000),
    gauge("egress_scout_run_failed", 0, "FailedRuns"),
    gauge("egress_scout_run_duration_seconds", (endedAt - startedAt) / 1000, "RunDuration"),
    gauge("egress_scout_run_window_end_timestamp_seconds", window.to / 1000),
    ...(newest === null
      ? []
      : [gauge("egress_scout_data_age_seconds", Math.max(0, endedAt - newest) / 1000, "DataAge")]),
    gauge("egress_scout_run_series", run.series, "Series"),
    gauge("egress_scout_run_queries", run.queries, "Queries"),
    gauge("egress_scout_run_observations", run.observations, "Observations"),
    gauge("egress_scout_run_known_sightings", run.known, "KnownSightings"),
    ...findingKinds.flatMap((kind) =>
      severities.map((severity) => {
        const count = total(kinds, `${kind} ${severity}`);
        return metric("egress_scout_findings", { ...of, kind, severity }, count, count === 0 ? null : "Findings");
      }),
    ),
    ...(open === undefined ? [] : [gauge("egress_scout_open_findings", open, "OpenFindings")]),
    gauge("egress_scout_blind", run.blind.length, "Blind"),
    gauge("egress_scout_run_warnings", run.warnings.length, "Warnings"),
    ...(undelivered === undefined ? [] : [gauge("egress_scout_undelivered_letters", undelivered, "Undelivered")]),
    ...names.map((channel) =>
      metric("egress_scout_channel_failures", { ...of, channel }, total(failed, channel), "ChannelFailures"),
    ),
  ];
}

/** A run that did not finish: what it would have seen nobody knows, and when one last finished stays as it was. */
export function failedMetrics(cluster: string, code: string, { startedAt, endedAt }: Span): OwnMetric[] {
  const of = { cluster };
  return [
    metric("egress_scout_run_end_timestamp_seconds", of, endedAt / 1000),
    metric("egress_scout_run_failed", { ...of, code }, 1, "FailedRuns"),
    metric("egress_scout_run_duration_seconds", of, (endedAt - startedAt) / 1000, "RunDuration"),
  ];
}

/** How a cluster stands as the store knows it, whoever made its runs; times in ms. */
export interface Standing {
  cluster: string;
  lastRun: number | null;
  open: number;
  undelivered: number;
}

export const standingMetrics = (clusters: readonly Standing[]): OwnMetric[] =>
  clusters.flatMap(({ cluster, lastRun, open, undelivered }) => [
    ...(lastRun === null ? [] : [metric("egress_scout_run_window_end_timestamp_seconds", { cluster }, lastRun / 1000)]),
    metric("egress_scout_open_findings", { cluster }, open),
    metric("egress_scout_undelivered_letters", { cluster }, undelivered),
  ]);
