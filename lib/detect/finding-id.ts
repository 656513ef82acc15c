import { createHash } from "node:crypto";
import type { FindingKind, Source } from "../model.ts";

/** Same cause, same id, in every run and process: 128 bits over the kind and what tells the cause (a key, and what else there is). */
export function findingId(kind: FindingKind, ...cause: readonly (string | number)[]): string {
  const text = cause.length === 1 ? `${kind}\n${cause[0]}` : JSON.stringify([kind, ...cause]);
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

/** The key of a source as a whole. */
export function sourceKey(cluster: string, { namespace, workload, cluster: label }: Source): string {
  return createHash("sha256")
    .update(JSON.stringify(["source", cluster, label, namespace, workload]))
    .digest("hex")
    .slice(0, 32);
}
