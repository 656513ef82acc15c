/** Who owns what is remembered, without asking Prometheus: by the rules that need no label, else as it was told last. Pure. */
import { labelRules, type OwnerRule, resolveOwner, type Teams } from "../enrich/owner.ts";
import type { Finding, Owner, Source, ToldFinding } from "../model.ts";

/** Null where only a label could tell, and no finding of the source was told yet. */
export type RememberedOwner = (source: Source) => Owner | null;

export function rememberedOwners(
  { owners, teams }: { owners: readonly OwnerRule[]; teams: Teams },
  open: Iterable<Finding>,
  told: Iterable<ToldFinding>,
): RememberedOwner {
  const last = new Map<string, { at: number; owner: Owner }>();
  for (const { source, team, at } of told) {
    const known = last.get(keyOf(source));
    if (team !== "" && (known?.at ?? 0) <= at)
      last.set(keyOf(source), { at, owner: { team, from: "told", channels: [] } });
  }
  for (const { source, owner } of open) {
    if (owner.team !== "") last.set(keyOf(source), { at: Number.POSITIVE_INFINITY, owner });
  }
  const known = new Map<string, Owner | null>();
  return (source) => {
    const key = keyOf(source);
    const one =
      known.get(key) ??
      (labelRules(source, owners).length === 0 ? resolveOwner(source, owners, teams) : (last.get(key)?.owner ?? null));
    known.set(key, one);
    return one;
  };
}

const keyOf = ({ cluster, namespace, workload }: Source) => JSON.stringify([cluster, namespace, workload]);
