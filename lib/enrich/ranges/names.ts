/** Names an address by whose list it is in and by who announces its network: infrastructure, so never more than `generic`. Pure. */

import type { Name } from "../../model.ts";
import { addressKind, parseAddress } from "../../words/address.ts";
import type { AsnIndex } from "./asn-index.ts";
import type { Range, RangeIndex } from "./range-index.ts";

export interface NetworkLists {
  ranges: RangeIndex | null;
  asns: AsnIndex | null;
  /** For the age of a list, ms. */
  now: number;
}

const day = 86_400_000;
/** Providers add and hand back ranges every week; after so many days a list is more likely wrong about one than not worth a word. */
const staleDays = 90;

/**
 * At most two names: `from: "range"` (`AWS S3 eu-west-1`) and `from: "asn"` (`AS16509 Amazon.com`), each with who says so. None for
 * what is not an address of the outside. Asks nobody.
 */
export function networkNames(address: string, { ranges, asns, now }: NetworkLists): Name[] {
  const canonical = parseAddress(address);
  if (canonical === null || addressKind(canonical) !== "outside") return [];
  const range = ranges?.find(canonical) ?? null;
  const asn = asns?.find(canonical) ?? null;
  const names: Name[] = [];
  if (range !== null)
    names.push({
      name: rangeName(range),
      from: "range",
      trust: "generic",
      why: rangeWhy(range, now),
      network: range.prefix,
    });
  if (asn !== null) {
    const name = asn.organization === null ? `AS${asn.asn}` : `AS${asn.asn} ${asn.organization}`;
    const why = `AS${asn.asn} announces the network of ${canonical}; an AS names a network, never a service`;
    names.push({ name, from: "asn", trust: "generic", why });
  }
  return names;
}

/** `Microsoft 365` has a service called `Microsoft 365 Common and Office Online`. */
function called({ provider, service }: Range): string {
  if (service === null) return provider;
  return service.startsWith(provider) ? service : `${provider} ${service}`;
}

function rangeName(range: Range): string {
  return range.region === null ? called(range) : `${called(range)} ${range.region}`;
}

function rangeWhy(range: Range, now: number): string {
  const { prefix, provider, region, made } = range;
  const where = region === null ? "" : ` in ${region}`;
  const own = `${provider}${provider.endsWith("S") || provider.endsWith("s") ? "'" : "'s"} own list`;
  return `${prefix} is ${called(range)}${where} by ${own}${made === null ? ", which bears no date" : ageOf(made, now)}`;
}

function ageOf(made: number, now: number): string {
  const days = Math.floor((now - made) / day);
  const of = ` of ${new Date(made).toISOString().slice(0, 10)}`;
  if (days < 0) return `${of} (a day to come)`;
  const old = days === 0 ? "of today" : `${days} day${days === 1 ? "" : "s"} old`;
  return `${of} (${old}${days > staleDays ? ", so it may be stale" : ""})`;
}
