import type { Observation } from "../model.ts";

const day = 24 * 60 * 60_000;

/** `again after 97 quiet days` for a destination that was known and quiet for long; empty for one never seen. */
export function quietTime({ quietSince, firstSeen }: Pick<Observation, "quietSince" | "firstSeen">): string {
  return quietSince === null ? "" : `again after ${Math.floor((firstSeen - quietSince) / day)} quiet days`;
}
