/** What is remembered → the document of `report`. Pure. */
import * as z from "zod";
import type { Sighting, Verdict } from "../model.ts";
import { rfc3339, verdictDocument } from "./document.ts";
import { verdictSchema } from "./scan-schema.ts";
import type { VerdictTold } from "./verdicts.ts";

const count = z.int().min(0);
const time = z.iso.datetime();
export const sightingSchema = z.strictObject({
  /** The id of the finding that it is or was new, for `verdict set`. */
  id: z.string(),
  source: z.strictObject({ cluster: z.string(), namespace: z.string(), workload: z.string() }),
  destination: z.strictObject({
    verdict: z.enum(["allowed", "blocked"]),
    protocol: z.enum(["http", "grpc", "tls", "tcp"]),
    host: z.string().nullable(),
    address: z.string().nullable(),
    port: z.int().nullable(),
    sni: z.string().nullable(),
    /** What was written as Host or SNI and is no host name. */
    claim: z.string().nullable(),
  }),
  name: z.strictObject({ name: z.string(), from: z.string(), trust: z.string() }).nullable(),
  /** Calls counted so far: at least so many. */
  count,
  firstSeen: time,
  /** Good to a day. */
  lastSeen: time,
  verdict: verdictSchema.nullable(),
});
const precisionSchema = z.strictObject({
  kind: z.string(),
  team: z.string(),
  told: count,
  worth: count,
  noise: count,
  snoozed: count,
  unjudged: count,
  share: z.number().min(0).max(1).nullable(),
});

export const reportSchema = z.strictObject({
  schema: z.literal("egress-scout/report@1"),
  at: time,
  clusters: z.array(
    z.strictObject({
      cluster: z.string(),
      lastRun: time.nullable(),
      namespaces: z.array(z.strictObject({ namespace: z.string(), sightings: z.array(sightingSchema) })),
      precision: z.array(precisionSchema),
    }),
  ),
  verdicts: z.array(verdictSchema),
});

export type PrecisionRow = z.infer<typeof precisionSchema>;

export interface ClusterTold {
  cluster: string;
  lastRun: number | null;
  sightings: readonly SightingTold[];
  precision: readonly PrecisionRow[];
  /** Of all detectors and owners. */
  sum: Omit<PrecisionRow, "kind" | "team">;
}

export interface SightingTold {
  id: string;
  sighting: Sighting;
  verdict: Verdict | null;
}

export interface InventoryTold {
  at: number;
  clusters: readonly ClusterTold[];
  verdicts: readonly VerdictTold[];
}

export function inventoryDocument({ at, clusters, verdicts }: InventoryTold): z.infer<typeof reportSchema> {
  return {
    schema: "egress-scout/report@1",
    at: rfc3339(at),
    clusters: clusters.map(({ cluster, lastRun, sightings, precision }) => ({
      cluster,
      lastRun: lastRun === null ? null : rfc3339(lastRun),
      namespaces: namespacesOf(sightings).map(([namespace, all]) => ({
        namespace,
        sightings: all.map(sightingDocument),
      })),
      precision: precision.map((one) => ({ ...one })),
    })),
    verdicts: verdicts.map(({ verdict }) => verdictDocument(verdict)),
  };
}

export const namespacesOf = (sightings: readonly SightingTold[]) => [
  ...Map.groupBy(sightings, ({ sighting }) => sighting.source.namespace),
];

export function sightingDocument({ id, sighting, verdict }: SightingTold): z.infer<typeof sightingSchema> {
  const { source, destination, name, count: calls, firstSeen, lastSeen } = sighting;
  const { verdict: passage, protocol, host, address, port, sni, claim } = destination;
  return {
    id,
    source: { ...source },
    destination: { verdict: passage, protocol, host, address, port, sni, claim },
    name: name === null ? null : { name: name.name, from: name.from, trust: name.trust },
    count: calls,
    firstSeen: rfc3339(firstSeen),
    lastSeen: rfc3339(lastSeen),
    verdict: verdict === null ? null : verdictDocument(verdict),
  };
}
