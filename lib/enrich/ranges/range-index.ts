/** Which provider an address belongs to, by all lists at once. Pure. */
import { firstOf, lastOf, readAddress, writeAddress } from "./address-words.ts";
import { type Flat, flatten, nothing, valueAt } from "./flatten.ts";
import type { RangeList } from "./list.ts";
import { spanBuilder } from "./spans.ts";

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

/** What many ranges have in common, and its place among all of these. */
type Label = Omit<Range, "prefix"> & { place: number };

/**
 * All lists in one index. The longest prefix wins; of one prefix in several rows, the one that names a service, then a region, then by
 * the provider's name, the newer list, the service's and the region's name: the same whatever the order of the lists.
 */
export function rangeIndex(lists: readonly RangeList[]): RangeIndex {
  const { labels, ofRows } = labelled(lists);
  const builders = { 4: spanBuilder(1), 6: spanBuilder(4) };
  let row = 0;
  for (const { ranges } of lists) {
    for (const { prefix } of ranges) {
      const { words, bits } = prefix;
      // The label is the larger part of the value, so that of two equal ranges the better label wins.
      const value = (ofRows[row++]?.place ?? 0) * 256 + bits;
      builders[words.length === 1 ? 4 : 6].add(words, lastOf(words, bits), value);
    }
  }
  const v4 = flatten(builders[4].done());
  const v6 = flatten(builders[6].done());
  return {
    find: (address) => find(address, v4, v6, labels),
    size: lists.reduce((sum, { ranges }) => sum + ranges.length, 0),
  };
}

function find(address: string, v4: Flat, v6: Flat, labels: readonly Label[]): Range | null {
  const words = readAddress(address);
  if (words === null) return null;
  const value = valueAt(words.length === 1 ? v4 : v6, words);
  const label = value === nothing ? undefined : labels[value >>> 8];
  if (label === undefined) return null;
  const { provider, service, region, made } = label;
  const bits = value & 255;
  return { provider, service, region, prefix: `${writeAddress(firstOf(words, bits))}/${bits}`, made };
}

/** The labels that occur, the best last, and the label of each row of each list in turn. */
function labelled(lists: readonly RangeList[]): { labels: Label[]; ofRows: Label[] } {
  const labels: Label[] = [];
  const ofRows: Label[] = [];
  for (const { provider, made, ranges } of lists) {
    const services = new Map<string | null, Map<string | null, Label>>();
    for (const { service, region } of ranges) {
      const regions = services.get(service) ?? new Map<string | null, Label>();
      const label = regions.get(region) ?? { provider, service, region, made, place: 0 };
      if (regions.size === 0) services.set(service, regions);
      if (!regions.has(region)) labels.push(label);
      regions.set(region, label);
      ofRows.push(label);
    }
  }
  labels.sort(byWorth);
  for (const [place, label] of labels.entries()) label.place = place;
  return { labels, ofRows };
}

function byWorth(one: Label, other: Label): number {
  return (
    detail(one) - detail(other) ||
    byText(other.provider, one.provider) ||
    (one.made ?? 0) - (other.made ?? 0) ||
    byText(other.service ?? "", one.service ?? "") ||
    byText(other.region ?? "", one.region ?? "")
  );
}

/** EC2 is beneath many of Amazon's services, whose rows repeat its prefixes: S3 tells more. */
function detail({ provider, service, region }: Label): number {
  const named = service === null ? 0 : provider === "AWS" && service === "EC2" ? 2 : 4;
  return named + (region === null ? 0 : 1);
}

const byText = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
