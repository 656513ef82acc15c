/** The order of names: how far each is to be trusted, then how near to the traffic it is from. Pure. */
import type { Name, NameFrom, Trust } from "../model.ts";
import { byText } from "../words/by-text.ts";

const trusts: readonly Trust[] = ["confirmed", "claimed", "generic", "contradicted", "refused"];
const froms: readonly NameFrom[] = ["host", "sni", "service-entry", "forward", "ptr", "range", "asn"];

/**
 * Best first, and in one order whatever the order of the answers. A name found twice in the same place (two addresses with one PTR)
 * is kept once, as the worse of the two: what DNS confirms for one address and denies for the other is not confirmed.
 */
export function inOrder(names: readonly Name[]): Name[] {
  const worst = new Map<string, Name>();
  for (const name of [...names].sort(byTrust).reverse()) {
    const key = `${name.from} ${name.name}`;
    if (!worst.has(key)) worst.set(key, name);
  }
  return [...worst.values()].sort(byTrust);
}

function byTrust(one: Name, other: Name): number {
  return (
    trusts.indexOf(one.trust) - trusts.indexOf(other.trust) ||
    froms.indexOf(one.from) - froms.indexOf(other.from) ||
    byText(one.name, other.name) ||
    byText(one.why, other.why)
  );
}
