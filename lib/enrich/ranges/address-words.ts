/**
 * IP addresses as numbers: 32-bit words, most significant first, one for IPv4 and four for IPv6. ipaddr.js takes microseconds for an
 * address; a list has 100,000 of them, and a look-up is to cost less than one. Reading them: address-read.ts. Pure.
 */

/** One word: IPv4. Four words: IPv6. Each 0 to 2^32 − 1. */
export type Words = readonly number[];

/** How many words. */
export type Width = 1 | 4;

/** The canonical spelling, as lib/words/address.ts has it: dotted decimal, or RFC 5952. */
export function writeAddress(words: Words): string {
  const [first = 0] = words;
  if (words.length === 1) return `${first >>> 24}.${(first >>> 16) & 255}.${(first >>> 8) & 255}.${first & 255}`;
  const { from, length } = longestZeros(words);
  let text = "";
  for (let index = 0; index < 8; index++) {
    if (length > 1 && index === from) {
      text += "::";
      index += length - 1;
    } else {
      // Behind a gap there are its colons already.
      text += `${index === 0 || (length > 1 && index === from + length) ? "" : ":"}${groupAt(words, index).toString(16)}`;
    }
  }
  return text;
}

/** The sixteen bits at a place of 0 to 7. */
export const groupAt = (words: ArrayLike<number>, index: number): number =>
  ((words[index >>> 1] ?? 0) >>> (index % 2 === 0 ? 16 : 0)) & 0xffff;

/** The first address of the block of so many leading bits that holds the address. */
export function firstOf(words: Words, bits: number): Words {
  const first = [...words];
  for (let index = 0; index < first.length; index++)
    first[index] = ((first[index] ?? 0) & maskOf(bits - 32 * index)) >>> 0;
  return first;
}

/** The last one. */
export function lastOf(words: Words, bits: number): Words {
  const last = [...words];
  for (let index = 0; index < last.length; index++)
    last[index] = ((last[index] ?? 0) | ~maskOf(bits - 32 * index)) >>> 0;
  return last;
}

/** So many leading bits of a word; none for a negative number, all for more than 32. */
export const maskOf = (bits: number): number => (bits >= 32 ? -1 : bits <= 0 ? 0 : -1 << (32 - bits));

/** The first of the longest runs of zero groups: RFC 5952 §4.2.3. */
function longestZeros(words: Words): { from: number; length: number } {
  let best = { from: 0, length: 0 };
  let from = 0;
  for (let index = 0; index < 8; index++) {
    if (groupAt(words, index) !== 0) from = index + 1;
    else if (index + 1 - from > best.length) best = { from, length: index + 1 - from };
  }
  return best;
}
