/** The ranges of one list in typed arrays, and each service and region once: 100,000 objects would take longer than all else. Pure. */
import { maskOf, type Words } from "./address-words.ts";
import { clean } from "./list.ts";
import type { Block, Prefix } from "./prefix.ts";
import { type Spans, spanBuilder } from "./spans.ts";

/** One list, read. All texts are printable ASCII by now. */
export interface RangeList extends Ranges {
  provider: string;
  /** The list's own date, ms; null where it bears none. */
  made: number | null;
}

/** The value of each span tells the length of its prefix and the place of its label: `bitsOf`, `placeOf`. */
export interface Ranges {
  v4: Spans;
  v6: Spans;
  labels: readonly Label[];
}

/** What many ranges have in common. */
export interface Label {
  service: string | null;
  region: string | null;
}

/** One of them. */
export interface ListedRange extends Label {
  prefix: Prefix;
}

/** The length is the larger part, so that of prefixes that begin together the longer has the larger value, then that of the later label. */
export const rangeValue = (place: number, bits: number): number => bits * 2 ** 24 + place;
export const placeOf = (value: number): number => value & 0xff_ffff;
export const bitsOf = (value: number): number => value >>> 24;

/** Takes ranges one by one, with their texts as they are written. */
export function rangeTable() {
  const builders = { 4: spanBuilder(1), 6: spanBuilder(4) };
  const labels = labelTable();
  const last = new Uint32Array(4);
  let size = 0;
  return {
    add({ width, words, bits }: Block, service: string | null, region: string | null): void {
      const value = rangeValue(labels.placeOf(service, region), bits);
      for (let word = 0; word < width; word++) last[word] = (words[word] ?? 0) | ~maskOf(bits - 32 * word);
      builders[width === 1 ? 4 : 6].add(words, last, value);
      size++;
    },
    size: () => size,
    done: (): Ranges => ({ v4: builders[4].done(), v6: builders[6].done(), labels: labels.all }),
  };
}

/** Each pair of texts once, cleaned. */
function labelTable() {
  const all: Label[] = [];
  const places = new Map<string | null, Map<string | null, number>>();
  let last: { service: string | null; region: string | null; place: number } | null = null;
  return {
    all,
    placeOf(service: string | null, region: string | null): number {
      // Rows of one label stand together in the longest lists.
      if (last !== null && last.service === service && last.region === region) return last.place;
      const ofRegions = places.get(service) ?? new Map<string | null, number>();
      if (ofRegions.size === 0) places.set(service, ofRegions);
      const place = ofRegions.get(region) ?? all.length;
      if (place === all.length) {
        ofRegions.set(region, place);
        all.push({ service: service && own(clean(service)), region: region && own(clean(region)) });
      }
      last = { service, region, place };
      return place;
    },
  };
}

/** A copy: a part of a list's text holds on to all of it. */
const own = (text: string): string => Buffer.from(text, "latin1").toString("latin1");

/** One by one, IPv4 first; for a few of them. */
export function rangesOf({ v4, v6, labels }: Ranges): ListedRange[] {
  return [v4, v6].flatMap(({ width, starts, values }) =>
    Array.from(values, (value, row): ListedRange => {
      const words: Words = [...starts.subarray(row * width, (row + 1) * width)];
      const { service, region } = labels[placeOf(value)] ?? { service: null, region: null };
      return { prefix: { words, bits: bitsOf(value) }, service, region };
    }),
  );
}
