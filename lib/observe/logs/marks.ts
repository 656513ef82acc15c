/** What every line about the outside holds somewhere: looking for it is far cheaper than reading the line. Pure. */

/** Clusters, routes and the flag of catch-all traffic (see envoy.ts). */
const marks = ["PassthroughCluster", "BlackHoleCluster", "allow_any", "block_all", "AllowAnyDynamicDNSCluster", "UH"];

export function isMarked(text: string): boolean {
  return marks.some((mark) => text.includes(mark));
}
