/** Which claims meet: those of one key that some namespace sees together. Pure. */

export interface Claim {
  /** The place of the entry that makes it. */
  entry: number;
  /** The namespaces that see it; null for all. */
  scopes: readonly string[] | null;
}

/**
 * Takes claims and what they are about; gives the groups of two or more that meet, in the order of the claims. What all namespaces see
 * meets what one sees, there.
 */
export function* groupsSeenTogether<T extends Claim>(
  claims: readonly T[],
  keyOf: (claim: T) => string,
): Generator<T[]> {
  const byKey = Map.groupBy(claims, keyOf);
  for (const all of byKey.values()) {
    if (all.length < 2) continue;
    const everywhere = all.filter(({ scopes }) => scopes === null);
    const byScope = new Map<string, T[]>();
    for (const claim of all) {
      for (const scope of claim.scopes ?? []) {
        const here = byScope.get(scope);
        if (here === undefined) byScope.set(scope, [claim]);
        else here.push(claim);
      }
    }
    if (everywhere.length > 1) yield everywhere;
    for (const here of byScope.values()) {
      if (here.length + everywhere.length > 1) yield [...here, ...everywhere].sort((a, b) => a.entry - b.entry);
    }
  }
}
