/** Google's own addresses: those of goog.json that cloud.json does not give to customers. Pure. */
import { firstOf } from "./address-words.ts";
import { blockOf, type Prefix, writePrefix } from "./prefix.ts";
import { type RangeList, rangesOf, rangeTable } from "./range-list.ts";

/**
 * The lists, with Google's made to say more where that of Google Cloud is there too: what a prefix of the cloud holds is left out of
 * it, and the rest is Google's own APIs and services (Google's documentation: "Get the IP address ranges"). Without cloud.json a
 * prefix in goog.json may be a customer's, and is Google's without a service.
 */
export function withGoogleApart(lists: readonly RangeList[]): RangeList[] {
  const cloud = new Set(
    lists
      .filter(({ provider }) => provider === "Google Cloud")
      .flatMap((list) => rangesOf(list).map(({ prefix }) => writePrefix(prefix))),
  );
  if (cloud.size === 0) return [...lists];
  return lists.map((list) => (list.provider === "Google" ? apart(list, cloud) : list));
}

function apart(list: RangeList, cloud: ReadonlySet<string>): RangeList {
  const own = rangeTable();
  for (const { prefix, region } of rangesOf(list)) {
    if (!isHeld(prefix, cloud)) own.add(blockOf(prefix), "APIs and services", region);
  }
  return { ...list, ...own.done() };
}

/** Is it, or a prefix that holds it, in the set? */
function isHeld({ words, bits }: Prefix, prefixes: ReadonlySet<string>): boolean {
  for (let shorter = bits; shorter >= 0; shorter--) {
    if (prefixes.has(writePrefix({ words: firstOf(words, shorter), bits: shorter }))) return true;
  }
  return false;
}
