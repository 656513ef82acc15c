/** `clusters` of the config: where metrics, logs and manifests in force are. */
import * as z from "zod";
import { isPlace } from "../place.ts";
import { count, headers, httpUrl, name, names, plainAuth, positiveDuration, secret } from "./words.ts";

/** Amazon Managed Prometheus bills by the samples that a query goes through. */
const sigv4 = z.strictObject({
  region: name,
  service: name.default("aps"),
  samplesPerQuery: z.strictObject({ warn: count.optional(), most: count.default(500_000_000) }).prefault({}),
});

const auth = z.union(
  [
    z.strictObject({ basic: z.strictObject({ username: name, password: secret }) }),
    z.strictObject({ bearer: secret }),
    z.strictObject({ sigv4 }),
  ],
  { error: "one of { basic: { username, password } }, { bearer: … } or { sigv4: { region } }" },
);

const prometheus = z.strictObject({
  url: httpUrl,
  auth: auth.optional(),
  headers: z.record(name, z.union([z.string(), secret])).default({}),
  matchers: z.string().default(""),
  timeout: positiveDuration.default("30s"),
  replicaLabels: names.default(["replica", "prometheus_replica", "__replica__"]),
});

const labelName = z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, { error: "a Prometheus label name" });
const labels = z.strictObject({
  address: z.array(labelName).default(["destination_address", "destination_ip"]),
  port: z.array(labelName).default(["destination_port"]),
  sni: z.array(labelName).default(["requested_server_name"]),
});

const lines = count.default(1_000_000);
const loki = z.strictObject({
  url: httpUrl,
  auth: plainAuth.optional(),
  headers,
  query: z.union([name, names.min(1)], { error: "a LogQL query, or a list of them" }).optional(),
  timeout: positiveDuration.default("30s"),
  lines,
});
const cloudwatch = z.strictObject({
  groups: names.min(1),
  region: name.optional(),
  filter: z.string().optional(),
  timeout: positiveDuration.default("30s"),
  lines,
});

export const cluster = z.strictObject({
  name,
  prometheus,
  labels: labels.prefault({}),
  logs: z.strictObject({ loki: loki.optional(), cloudwatch: cloudwatch.optional() }).optional(),
  internal: z
    .array(name.refine(isPlace, { error: "an address, a network such as 10.0.0.0/8, a host name or *.suffix" }))
    .default([]),
  /** Files and folders of manifests in force, as of --existing. */
  existing: names.default([]),
});
