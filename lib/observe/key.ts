/** Identity of a source and destination. Pure, the same in every process. */
import { hash } from "node:crypto";
import type { Destination, Source } from "../model.ts";

/**
 * Key of a source and destination: verdict, protocol, host or else address or else claim, port and SNI, and the
 * source with the run's cluster and its `source_cluster` label, so that it stays the same when a second cluster turns up.
 */
export function sightingKey(cluster: string, source: Source, destination: Destination): string {
  const { verdict, protocol, host, address, port, sni, claim } = destination;
  const place = host !== null ? ["host", host] : claim !== null ? ["claim", claim] : ["address", address];
  const parts = [cluster, source.cluster, source.namespace, source.workload, verdict, protocol, ...place, port, sni];
  // 128 bits: nobody can make a destination of his own that passes for another.
  return copied(hash("sha256", JSON.stringify(parts)).slice(0, 32));
}

/** A slice keeps the whole of what it is cut from, which for a hundred thousand keys is 6 MB. */
const copied = (hex: string): string => JSON.parse(`"${hex}"`);
