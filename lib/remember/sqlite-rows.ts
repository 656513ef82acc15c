/** Rows of the state file ↔ our words. Pure; a file is outside data, so it is checked when read. */
import * as z from "zod";
import type { Finding, Message, Sighting } from "../model.ts";

export const progressShape = z.object({
  ended: z.number(),
  learning_since: z.number().nullable(),
  judged_until: z.number().nullable(),
});

/** A finding was written by ourselves as one piece of JSON; only that it is one is checked. */
export const openFindingShape = z.object({ finding: z.string().transform((text): Finding => JSON.parse(text)) });

export const habitShape = z.object({ key: z.string(), state: z.instanceof(Uint8Array) });

export const sightingShape = z.object({
  key: z.string(),
  source_cluster: z.string(),
  namespace: z.string(),
  workload: z.string(),
  verdict: z.enum(["allowed", "blocked"]),
  protocol: z.enum(["http", "grpc", "tls", "tcp"]),
  host: z.string().nullable(),
  address: z.string().nullable(),
  port: z.number().nullable(),
  sni: z.string().nullable(),
  claim: z.string().nullable(),
  first_seen: z.number(),
  last_seen: z.number(),
  count: z.number(),
  total: z.number(),
});
type Row = z.infer<typeof sightingShape>;

/** Written by ourselves as one piece of JSON; only its outer shape is checked. */
export const letterShape = z.object({
  id: z.string(),
  channel: z.string(),
  message: z.string().transform((text): Message => JSON.parse(text)),
});

export function fromRow(row: Row): Sighting {
  const { key, source_cluster, namespace, workload, first_seen, last_seen, count, total, ...destination } = row;
  return {
    key,
    source: { cluster: source_cluster, namespace, workload },
    destination,
    firstSeen: first_seen,
    lastSeen: last_seen,
    count,
    total,
  };
}

export function toRow(sighting: Sighting): Row {
  const { key, source, destination, firstSeen, lastSeen, count, total } = sighting;
  const { verdict, protocol, host, address, port, sni, claim } = destination;
  return {
    key,
    source_cluster: source.cluster,
    namespace: source.namespace,
    workload: source.workload,
    verdict,
    protocol,
    host,
    address,
    port,
    sni,
    claim,
    first_seen: firstSeen,
    last_seen: lastSeen,
    count,
    total,
  };
}
