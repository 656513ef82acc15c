/** The usual ways to find an address among prefixes, to compare with. */
import { BlockList } from "node:net";
import { readAddress } from "../../../lib/enrich/ranges/address-read.ts";
import { type RangeList, rangesOf } from "../../../lib/enrich/ranges/range-list.ts";
import { dotted } from "./ranges-synthetic.ts";

/** As it is usually written: the address cut to every length that occurs, the longest first. It takes the same parser as we do. */
export function byLength(lists: readonly RangeList[]): (address: string) => unknown {
  const families = new Map<number, Map<number, Map<number | bigint, unknown>>>();
  const whole = (words: readonly number[]): number | bigint =>
    words.length === 1 ? (words[0] ?? 0) : words.reduce((sum, word) => (sum << 32n) + BigInt(word), 0n);
  const cut = (value: number | bigint, bits: number): number | bigint =>
    typeof value === "number" ? Math.floor(value / 2 ** (32 - bits)) : value >> BigInt(128 - bits);
  for (const list of lists) {
    for (const range of rangesOf(list)) {
      const { words, bits } = range.prefix;
      const lengths = families.get(words.length) ?? new Map<number, Map<number | bigint, unknown>>();
      families.set(words.length, lengths);
      lengths.set(bits, (lengths.get(bits) ?? new Map()).set(cut(whole(words), bits), range));
    }
  }
  const sorted = new Map(
    [...families].map(([width, lengths]) => [width, [...lengths].sort(([one], [other]) => other - one)]),
  );
  return (address) => {
    const words = readAddress(address) ?? [];
    const value = whole(words);
    for (const [bits, known] of sorted.get(words.length) ?? []) {
      const found = known.get(cut(value, bits));
      if (found !== undefined) return found;
    }
    return null;
  };
}

/** Node's own: it says yes or no, not who. */
export function blockList(lists: readonly RangeList[]): BlockList {
  const blocks = new BlockList();
  for (const list of lists) {
    for (const { prefix } of rangesOf(list)) {
      const { words, bits } = prefix;
      const text = words.length === 1 ? dotted(words[0] ?? 0) : groupsOf(words);
      blocks.addSubnet(text, bits, words.length === 1 ? "ipv4" : "ipv6");
    }
  }
  return blocks;
}

const groupsOf = (words: readonly number[]): string =>
  words.flatMap((word) => [(word >>> 16).toString(16), (word & 0xffff).toString(16)]).join(":");
