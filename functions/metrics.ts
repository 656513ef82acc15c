/** Metrics for CloudWatch, in its embedded format (EMF) on stdout: written at once, so that none is lost with the process. */
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { service } from "./json-log.ts";

export const namespace = "EgressScout";

/** A metric of a run's own; only what has a name for CloudWatch is written. */
export interface Measure {
  labels: Readonly<Record<string, string>>;
  emf: { name: string; unit: "Count" | "Seconds"; value: number } | null;
}

/** Powertools would warn, in lines that are no JSON, of the cluster in both sets of dimensions, which is meant. */
const nothing = () => {};
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** Measures of the same labels are one line. Dimensions are the service and the labels, and the service and the cluster. */
export function publish(measures: readonly Measure[]): void {
  const byLabels = Map.groupBy(measures, ({ labels }) => JSON.stringify(labels));
  for (const group of byLabels.values()) {
    const metrics = new Metrics({ namespace, serviceName: service, logger: silent });
    const { cluster, ...more } = group[0]?.labels ?? {};
    // By cluster alone as well: CloudWatch adds nothing up by itself, and alarms are on a cluster's sum.
    if (cluster !== undefined) metrics.addDimension("cluster", cluster);
    if (Object.keys(more).length > 0) metrics.addDimensions({ ...(cluster === undefined ? {} : { cluster }), ...more });
    const written = group.flatMap(({ emf }) => emf ?? []);
    for (const { name, unit, value } of written) metrics.addMetric(name, MetricUnit[unit], value);
    if (written.length > 0) metrics.publishStoredMetrics();
  }
}
