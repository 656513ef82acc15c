/** Which provider an address belongs to, by all lists at once. Pure. */

import { byText } from "../../words/by-text.ts";
import { readAddress } from "./address-read.ts";
import { firstOf, type Width, writeAddress } from "./address-words.ts";
import { type Flat, flatten, nothing, valueAt } from "./flatten.ts";
import { bitsOf, placeOf, type RangeList, rangeValue } from "./range-list.ts";
import { prefixesInOrder } from "./sort.ts";
import { type Spans, together } from "./spans.ts";

/** What a provider's own list says of an address. All texts are printable ASCII. */
export interface Range {
  provider: string;
  /** Null where the list does not say which, or several are behind the prefix. */
  service: string | null;
  region: string | null;
  /** The row of the list, in canonical spelling. */
  prefix: string;
  /** The list's own date, ms; null where it bears none. */
  made: number | null;
}

export interface RangeIndex {
  /**
   * The most specific range that holds an IP address (any spelling; IPv4-mapped IPv6 is IPv4), or null; null as well for what is no
   * address. Never throws.
   */
  find(address: string): Range | null;
  /** How many rows of lists are in it. */
  readonly size: number;
}

/** What many ranges have in common, whosever they are. */
type Named = Omit<Range, "prefix">;

/**
 * All lists in one index. The longest prefix wins; of one prefix in several rows, the one that names a service, then a region, then by
 * the provider's name, the newer list, the service's and the region's name: the same whatever the order of the lists.
 */
export function rangeIndex(lists: readonly RangeList[]): RangeIndex {
  const { labels, places } = ranked(lists);
  const placed = lists.map(({ v4, v6 }, index) => {
    const own = places[index] ?? [];
    return { v4: withPlaces(v4, own), v6: withPlaces(v6, own) };
  });
  const v4 = lineOf(
    1,
    placed.map((list) => list.v4),
  );
  const v6 = lineOf(
    4,
    placed.map((list) => list.v6),
  );
  return {
    find: (address) => find(address, v4, v6, labels),
    size: lists.reduce((sum, list) => sum + list.v4.values.length + list.v6.values.length, 0),
  };
}

function lineOf(width: Width, lists: readonly Spans[]): Flat {
  const prefixes = together(width, lists);
  return flatten(prefixes, prefixesInOrder(prefixes));
}

/** The spans with the places of the labels among all instead of those in their list. */
function withPlaces({ width, starts, ends, values }: Spans, places: ArrayLike<number>): Spans {
  const placed = new Uint32Array(values.length);
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? 0;
    placed[row] = rangeValue(places[placeOf(value)] ?? 0, bitsOf(value));
  }
  return { width, starts, ends, values: placed };
}

function find(address: string, v4: Flat, v6: Flat, labels: readonly Named[]): Range | null {
  const words = readAddress(address);
  if (words === null) return null;
  const value = valueAt(words.length === 1 ? v4 : v6, words);
  const label = value === nothing ? undefined : labels[placeOf(value)];
  if (label === undefined) return null;
  const { provider, service, region, made } = label;
  const bits = bitsOf(value);
  return { provider, service, region, prefix: `${writeAddress(firstOf(words, bits))}/${bits}`, made };
}

/** The labels of all lists, the best last, and the places there of each list's labels. */
function ranked(lists: readonly RangeList[]): { labels: Named[]; places: Uint32Array[] } {
  const labels = lists.flatMap(({ provider, made, labels: own }, list) =>
    own.map(({ service, region }, place) => ({ label: { provider, service, region, made }, list, place })),
  );
  labels.sort((one, other) => byWorth(one.label, other.label));
  const places = lists.map((list) => new Uint32Array(list.labels.length));
  for (const [rank, { list, place }] of labels.entries()) places[list]?.set([rank], place);
  return { labels: labels.map(({ label }) => label), places };
}

function byWorth(one: Named, other: Named): number {
  return (
    detail(one) - detail(other) ||
    byText(other.provider, one.provider) ||
    (one.made ?? 0) - (other.made ?? 0) ||
    byText(other.service ?? "", one.service ?? "") ||
    byText(other.region ?? "", one.region ?? "")
  );
}

/** EC2 is beneath many of Amazon's services, whose rows repeat its prefixes: S3 tells more. */
function detail({ provider, service, region }: Named): number {
  const named = service === null ? 0 : provider === "AWS" && service === "EC2" ? 2 : 4;
  return named + (region === null ? 0 : 1);
}
