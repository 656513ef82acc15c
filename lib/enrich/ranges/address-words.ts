/**
 * IP addresses as numbers: 32-bit words, most significant first, one for IPv4 and four for IPv6. ipaddr.js takes microseconds for an
 * address; a list has 100,000 of them, and a look-up is to cost less than one. Pure.
 */

/** One word: IPv4. Four words: IPv6. Each 0 to 2^32 − 1. */
export type Words = readonly number[];

/** The longest spelling there is: eight groups of four, the last two as a dotted quad. */
const longest = 45;

/**
 * An address in any spelling of RFC 4291 §2.2, or dotted decimal without leading zeros, as words; IPv4-mapped IPv6 as IPv4.
 * Null for all else: zones, brackets, ports, short forms.
 */
export function readAddress(text: string): Words | null {
  if (text.length > longest) return null;
  if (text.includes(":")) return unmapped(readGroups(text));
  const word = readDotted(text, 0);
  return word < 0 ? null : [word];
}

/** The canonical spelling, as lib/address.ts has it: dotted decimal, or RFC 5952. */
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

const groupAt = (words: Words, index: number): number =>
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

const maskOf = (bits: number): number => (bits >= 32 ? -1 : bits <= 0 ? 0 : -1 << (32 - bits));

/** Four octets up to the end of the text, or −1. */
function readDotted(text: string, from: number): number {
  let word = 0;
  let octets = 0;
  let octet = 0;
  let digits = 0;
  for (let at = from; at <= text.length; at++) {
    const code = at === text.length ? dot : text.charCodeAt(at);
    if (code === dot) {
      if (digits === 0 || octet > 255) return -1;
      word = word * 256 + octet;
      octets++;
      octet = 0;
      digits = 0;
    } else {
      // A leading zero means octal to some, so such an address is another one to each reader.
      if (code < zero || code > nine || (digits > 0 && octet === 0)) return -1;
      octet = octet * 10 + code - zero;
      digits++;
      if (digits > 3) return -1;
    }
  }
  return octets === 4 ? word : -1;
}

const [dot, colon, zero, nine] = [46, 58, 48, 57];

function hexDigit(code: number): number {
  if (code >= zero && code <= nine) return code - zero;
  const lower = code | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

/** The eight groups of an IPv6 address as four words, or null. */
function readGroups(text: string): Words | null {
  const groups: number[] = [];
  let gap = -1;
  let at = 0;
  if (text.startsWith("::")) {
    gap = 0;
    at = 2;
  }
  while (at < text.length) {
    const from = at;
    let group = 0;
    for (let digit = hexDigit(text.charCodeAt(at)); digit >= 0; digit = hexDigit(text.charCodeAt(++at))) {
      group = group * 16 + digit;
    }
    if (text.charCodeAt(at) === dot) {
      const word = readDotted(text, from);
      if (word < 0) return null;
      groups.push(word >>> 16, word & 0xffff);
      break;
    }
    if (at === from || at - from > 4 || groups.push(group) > 8) return null;
    if (at === text.length) break;
    if (text.charCodeAt(at) !== colon || ++at === text.length) return null;
    if (text.charCodeAt(at) === colon) {
      if (gap >= 0) return null;
      gap = groups.length;
      at++;
    }
  }
  return inWords(groups, gap);
}

/** With the zeros that `::` stands for, one group or more, put in. */
function inWords(groups: readonly number[], gap: number): Words | null {
  const zeros = 8 - groups.length;
  if (gap < 0 ? zeros !== 0 : zeros < 1) return null;
  const words = [0, 0, 0, 0];
  for (const [index, group] of groups.entries()) {
    const place = gap < 0 || index < gap ? index : index + zeros;
    words[place >>> 1] = (words[place >>> 1] ?? 0) + (place % 2 === 0 ? group * 65536 : group);
  }
  return words;
}

function unmapped(words: Words | null): Words | null {
  return words?.[0] === 0 && words[1] === 0 && words[2] === 0xffff ? [words[3] ?? 0] : words;
}

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
