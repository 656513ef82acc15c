import { createHash } from "node:crypto";
import type { FindingKind } from "../model.ts";

/** Same cause, same id, in every run and process: 128 bits over the kind and the sighting's key. */
export function findingId(kind: FindingKind, key: string): string {
  return createHash("sha256").update(`${kind}\n${key}`).digest("hex").slice(0, 32);
}
