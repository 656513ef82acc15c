/** The result of a scan: `schema scan` prints it, and the types of the document come from it. */
import * as z from "zod";
import { findingKinds, rulings, severities } from "../model.ts";

const time = z.iso.datetime();
export const sourceSchema = z.object({ cluster: z.string(), namespace: z.string(), workload: z.string() });
export const destinationSchema = z.object({
  verdict: z.enum(["allowed", "blocked"]),
  protocol: z.enum(["http", "grpc", "tls", "tcp"]),
  host: z.string().nullable(),
  address: z.string().nullable(),
  port: z.int().nullable(),
  sni: z.string().nullable(),
});
const name = z.object({
  name: z.string(),
  from: z.enum(["host", "sni", "service-entry", "forward", "ptr", "range", "asn"]),
  trust: z.enum(["confirmed", "claimed", "generic", "contradicted", "refused"]),
  why: z.string(),
  /** Only of a range: the provider's CIDR that the address is in. */
  network: z.string().optional(),
});
const suggestion = z.object({
  manifest: z.record(z.string(), z.unknown()),
  yaml: z.string(),
  confidence: z.enum(["high", "medium", "low"]),
  why: z.array(z.string()),
  warnings: z.array(z.string()),
  /** Only where a manifest in force is added to: the same as a change to its file, a unified diff. */
  patch: z.object({ file: z.string(), diff: z.string() }).optional(),
});
const notified = z.object({
  channel: z.string(),
  reason: z.enum(["first", "changed", "repeat", "resolved", "digest"]),
  ok: z.boolean(),
});
export const verdictSchema = z.object({
  id: z.string(),
  verdict: z.enum(rulings),
  until: time.nullable(),
  reason: z.string().nullable(),
  by: z.string().nullable(),
  at: time.nullable(),
  cluster: z.string().optional(),
});
export const findingSchema = z.object({
  id: z.string(),
  kind: z.enum(findingKinds),
  state: z.enum(["open", "resolved"]),
  severity: z.enum(severities),
  source: sourceSchema,
  destination: destinationSchema,
  count: z.int(),
  /** Only of a fan-out: how many destinations it is about. */
  destinations: z.int().optional(),
  expected: z.object({ mean: z.number(), p: z.number(), basis: z.string() }).nullable(),
  firstSeen: time,
  lastSeen: time,
  names: z.array(name),
  owner: z.object({ team: z.string(), from: z.string() }),
  summary: z.string(),
  noSuggestion: z.string().nullable(),
  suggestions: z.array(suggestion),
  notified: z.array(notified),
  /** Only where a person decided about it, and that holds; all but `denied` keep it from being told. */
  verdict: verdictSchema.optional(),
});

export const scanSchema = z.object({
  schema: z.literal("egress-scout/scan@1"),
  run: z.object({
    id: z.string(),
    cluster: z.string(),
    mode: z.enum(["learn", "watch"]),
    from: time,
    to: time,
    queries: z.int(),
    series: z.int(),
    observations: z.int(),
    known: z.int(),
    blind: z.array(z.string()),
    warnings: z.array(z.string()),
  }),
  learned: z.object({ destinations: z.int(), workloads: z.int() }).optional(),
  findings: z.array(findingSchema),
  /** Only in a dry run: how many messages each channel would have got. */
  wouldSend: z.array(z.object({ channel: z.string(), findings: z.int() })).optional(),
});

export type ScanDocument = z.infer<typeof scanSchema>;
export type VerdictDocument = z.infer<typeof verdictSchema>;
export type FindingDocument = ScanDocument["findings"][number];
