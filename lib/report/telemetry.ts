/** Manifests of Istio's Telemetry → commented YAML for `kubectl apply -f -`, and the document of `telemetry`. Pure. */
import * as YAML from "yaml";
import * as z from "zod";
import type { Manifest } from "../model.ts";
import { table } from "./table.ts";

const count = z.int().min(0);
const costSchema = z.strictObject({
  label: z.enum(["address", "http-address", "sni"]),
  /** Series of the metrics the label is for, today. */
  series: count,
  /** How many of them have it. */
  labelled: count,
  /** Series that it adds: at least, at most, and what a part of the mesh says, where one has it already. */
  least: count,
  likely: count.nullable(),
  most: count,
  basis: z.string(),
});

export const telemetrySchema = z.strictObject({
  schema: z.literal("egress-scout/telemetry@1"),
  istio: z.string(),
  manifests: z.array(z.record(z.string(), z.unknown())),
  /** What the mesh config needs besides. */
  meshConfig: z.record(z.string(), z.unknown()).nullable(),
  /** Only with `--estimate`. */
  estimate: z.strictObject({ cluster: z.string(), at: z.iso.datetime(), labels: z.array(costSchema) }).nullable(),
});

export type LabelCost = z.infer<typeof costSchema>;

export interface Estimate {
  cluster: string;
  /** ms */
  at: number;
  labels: readonly LabelCost[];
}

export interface TelemetryTold {
  istio: string;
  documents: readonly { manifest: Manifest; about: readonly string[] }[];
  logs: Readonly<Record<string, unknown>> | null;
  meshConfig: Readonly<Record<string, unknown>> | null;
  estimate: Estimate | null;
}

export function telemetryDocument(told: TelemetryTold): z.infer<typeof telemetrySchema> {
  const { istio, documents, meshConfig, estimate } = told;
  return {
    schema: "egress-scout/telemetry@1",
    istio,
    manifests: documents.map(({ manifest }) => ({ ...manifest })),
    meshConfig: meshConfig === null ? null : { ...meshConfig },
    estimate:
      estimate === null
        ? null
        : { cluster: estimate.cluster, at: new Date(estimate.at).toISOString(), labels: [...estimate.labels] },
  };
}

/** The stream: all that is no manifest is a comment, so that kubectl takes the whole. */
export function telemetryYaml({ documents, logs, meshConfig, estimate }: TelemetryTold): string {
  const head = [
    ...(meshConfig === null ? [] : aboutMeshConfig(meshConfig)),
    ...(estimate === null ? [] : cost(estimate)),
  ];
  const all = documents.map(({ manifest, about }, index) => {
    const tail = index === 0 && logs !== null ? aboutLogs(logs) : [];
    return `---\n${comment(about)}${yaml(manifest)}${comment(tail)}`;
  });
  return `${comment(head)}${all.join("")}`;
}

/** kubectl reads YAML 1.1, most others 1.2: written so that both read the same. Nothing is folded: an expression stays one line. */
const yaml = (value: object): string =>
  YAML.stringify(value, { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false });

const comment = (lines: readonly string[]): string => lines.map((line) => `${`# ${line}`.trimEnd()}\n`).join("");

const block = (value: object, indent: string): string[] =>
  yaml(value)
    .trimEnd()
    .split("\n")
    .map((line) => `${indent}${line}`);

function aboutMeshConfig(meshConfig: object): string[] {
  return [
    "Besides, merge this into the mesh config (istioctl install -f, Helm's meshConfig, or the ConfigMap istio), and restart",
    "the workloads: proxies up to 1.17 write a label that they were not told of into the metric's name. Later ones need it only",
    "where you see such names (destination_address___…___istio_requests_total).",
    ...block({ meshConfig }, "  "),
    "",
  ];
}

function aboutLogs(logs: object): string[] {
  return [
    "  To log egress as well, to the sidecar's stdout, add this to the spec above, or print it with --logs. It replaces what the mesh",
    "  config logs: where all traffic is logged today (meshConfig.accessLogFile), no more than egress will be.",
    ...block(logs, "  "),
  ];
}

function cost({ cluster, at, labels }: Estimate): string[] {
  const head = ["LABEL", "SERIES NOW", "WITH IT", "ADDS AT LEAST", "LIKELY", "AT MOST"];
  const rows = labels.map(({ label, series, labelled, least, likely, most }) => [
    label,
    ...[series, labelled, least].map(String),
    likely === null ? "?" : String(likely),
    String(most),
  ]);
  return [
    `Series that each label adds in ${cluster}, by the counters of ${new Date(at).toISOString()}:`,
    ...table([head, ...rows], (text) => text).split("\n"),
    ...labels.map(({ label, basis }) => `${label}: ${basis}`),
    "A pod's counters stay until it is gone: where addresses change often (CDNs), the number grows with the pods' age.",
    "",
  ];
}
