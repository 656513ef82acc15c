/** Which destination is shown is in the address (`#to=api.stripe.com&in=prod-eu`), so that it can be sent to somebody. */
import type { PageData } from "../lib/report/page/data.ts";

export interface Place {
  /** Index of the cluster. */
  cluster: number;
  /** The destination whose details are open. */
  to: string | null;
}

/** Is it the address of a destination or a cluster? */
export const isPlace = (hash: string): boolean => /^#(to|in)=/.test(hash);

/** Anybody may have written the address: what it names and is not there is passed over. */
export function placeIn(hash: string, { clusters }: PageData): Place {
  const asked = new URLSearchParams(hash.replace(/^#/, ""));
  const cluster = Math.max(
    0,
    clusters.findIndex(({ name }) => name === asked.get("in")),
  );
  const isThere = clusters[cluster]?.destinations.some(({ label }) => label === asked.get("to")) ?? false;
  return { cluster, to: isThere ? asked.get("to") : null };
}

export function hashOf({ cluster, to }: Place, { clusters }: PageData): string {
  const name = clusters[cluster]?.name ?? "";
  const many = clusters.length > 1;
  if (to === null) return many && cluster > 0 ? `#${new URLSearchParams({ in: name })}` : "#";
  return `#${new URLSearchParams({ to, ...(many ? { in: name } : {}) })}`;
}
