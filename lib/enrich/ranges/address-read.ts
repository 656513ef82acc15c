/** Reads IP addresses as numbers: see address-words.ts. Pure. */
import { groupAt, type Width, type Words } from "./address-words.ts";

/** An array of numbers that may be written to, of whatever kind. */
interface Writable {
  readonly length: number;
  [index: number]: number;
}

/** The longest spelling there is: eight groups of four, the last two as a dotted quad. */
const longest = 45;

/**
 * An address in any spelling of RFC 4291 §2.2, or dotted decimal without leading zeros, as words; IPv4-mapped IPv6 as IPv4.
 * Null for all else: zones, brackets, ports, short forms.
 */
export function readAddress(text: string): Words | null {
  if (text.length > longest) return null;
  const word = readDotted(text, 0, text.length);
  if (word >= 0) return [word];
  const words = [0, 0, 0, 0];
  if (!readGroups(words, text, text.length)) return null;
  return isMapped(words) ? words.slice(3) : words;
}

/** The same for the text before `end`, into the first of four words: how many of them it takes, or 0. */
export function readInto(words: Uint32Array, text: string, end: number): Width | 0 {
  if (end > longest) return 0;
  const word = readDotted(text, 0, end);
  if (word >= 0) {
    words[0] = word;
    return 1;
  }
  if (!readGroups(words, text, end)) return 0;
  if (!isMapped(words)) return 4;
  words[0] = words[3] ?? 0;
  return 1;
}

/** Four octets up to `end`, or −1. */
function readDotted(text: string, from: number, end: number): number {
  let word = 0;
  let octets = 0;
  let octet = 0;
  let digits = 0;
  for (let at = from; at <= end; at++) {
    const code = at === end ? dot : text.charCodeAt(at);
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

function hexAt(text: string, at: number, end: number): number {
  if (at >= end) return -1;
  const code = text.charCodeAt(at);
  if (code >= zero && code <= nine) return code - zero;
  const lower = code | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

/** Puts the eight groups of an IPv6 address into four words; false where what stands before `end` is none. */
function readGroups(words: Writable, text: string, end: number): boolean {
  let count = 0;
  let gap = -1;
  let at = 0;
  for (let word = 0; word < 4; word++) words[word] = 0;
  if (text.startsWith("::")) {
    gap = 0;
    at = 2;
  }
  while (at < end) {
    const from = at;
    let group = 0;
    for (let digit = hexAt(text, at, end); digit >= 0; digit = hexAt(text, ++at, end)) group = group * 16 + digit;
    if (at < end && text.charCodeAt(at) === dot) {
      const word = readDotted(text, from, end);
      if (word < 0 || count > 6) return false;
      putGroup(words, count++, word >>> 16);
      putGroup(words, count++, word & 0xffff);
      break;
    }
    if (at === from || at - from > 4 || count === 8) return false;
    putGroup(words, count++, group);
    if (at === end) break;
    if (text.charCodeAt(at) !== colon || ++at === end) return false;
    if (text.charCodeAt(at) === colon) {
      if (gap >= 0) return false;
      gap = count;
      at++;
    }
  }
  return gap < 0 ? count === 8 : widened(words, count, gap);
}

/** Puts in the zeros, one group or more, that `::` stands for. */
function widened(words: Writable, count: number, gap: number): boolean {
  if (count > 7) return false;
  for (let from = count - 1, to = 7; from >= gap; from--, to--) {
    const group = groupAt(words, from);
    putGroup(words, from, 0);
    putGroup(words, to, group);
  }
  return true;
}

function putGroup(words: Writable, index: number, group: number): void {
  const word = words[index >>> 1] ?? 0;
  words[index >>> 1] = (index % 2 === 0 ? (word & 0xffff) | (group << 16) : (word & 0xffff_0000) | group) >>> 0;
}

const isMapped = (words: Writable): boolean => words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
