/** CIDR prefixes of a provider's list: read, and refused where no provider can mean them. Pure. */
import { addressKind } from "../../words/address.ts";
import { readInto } from "./address-read.ts";
import { lastOf, maskOf, type Width, type Words, writeAddress } from "./address-words.ts";

/** `words` is the block's first address; `bits` is how many leading bits all its addresses share. */
export interface Prefix {
  words: Words;
  bits: number;
}

/** A prefix whose words are the first `width` of `words`. */
export interface Block {
  width: Width;
  words: ArrayLike<number>;
  bits: number;
}

/** Room to read prefixes into, one after the other: a list has 100,000. */
export interface BlockRoom extends Block {
  words: Uint32Array;
}

/** The same prefix, for where a room's would do. */
export const blockOf = ({ words, bits }: Prefix): Block => ({ width: words.length === 1 ? 1 : 4, words, bits });

export const blockRoom = (): BlockRoom => ({ width: 1, words: new Uint32Array(4), bits: 0 });

/** Why a row of a list is left out. */
export type Refusal = "no prefix" | "too wide" | "not outside";

/**
 * No one block of a single holder is wider: IANA gave out /8 of IPv4, and the largest IPv6 allocation to one is a /16. A list that
 * claims half of the internet would name everything that no other list names.
 */
const widest = { v4: 8, v6: 16 };

/**
 * `203.0.113.0/24`, `2001:db8::/32`, or an address alone, which is a block of one. An IPv4-mapped prefix is the IPv4 one. Bits behind
 * the prefix are cut off, as routers do. Refused: what is no prefix, what is wider than any holder's block, and what is not outside
 * by lib/words/address.ts (a list that holds 10.0.0.0/8 would name our own pods).
 * @param into what it is read into; it holds nothing of use where the prefix is refused
 */
export function readPrefix(text: string, into: BlockRoom): Refusal | null {
  const slash = text.indexOf("/");
  const end = slash < 0 ? text.length : slash;
  const width = readInto(into.words, text, end);
  if (width === 0) return "no prefix";
  const most = width === 1 ? 32 : 128;
  into.width = width;
  into.bits = most;
  if (slash >= 0) {
    const isMapped = width === 1 && text.lastIndexOf(":", end) >= 0;
    const bits = readBits(text, slash + 1);
    if (bits > (isMapped ? 128 : most)) return "no prefix";
    into.bits = isMapped ? bits - 96 : bits;
  }
  return checked(into);
}

/** What one to three digits at the end of the text say; for all else more than any address has. */
function readBits(text: string, from: number): number {
  const none = 1000;
  const digits = text.length - from;
  if (digits < 1 || digits > 3) return none;
  let bits = 0;
  for (let at = from; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return none;
    bits = bits * 10 + digit;
  }
  return bits;
}

function checked({ width, words, bits }: BlockRoom): Refusal | null {
  // A mapped prefix of fewer than 96 bits holds IPv6 addresses of the kind that leads nowhere (::/8).
  if (bits < 0) return "not outside";
  if (bits < (width === 1 ? widest.v4 : widest.v6)) return "too wide";
  for (let word = 0; word < width; word++) words[word] = (words[word] ?? 0) & maskOf(bits - 32 * word);
  if (surelyOutside(width, words[0] ?? 0)) return null;
  const first = [...words.subarray(0, width)];
  return [first, lastOf(first, bits)].every(askedOutside) ? null : "not outside";
}

/** The first octets of IPv4, and the first groups of IPv6, under which some addresses are not outside: lib/words/address.ts decides. */
const mixed = new Set([0, 10, 100, 127, 169, 172, 192, 198, 0x2620]);

/** Most of a list can be told by its first bits, at a hundredth of the cost of asking lib/words/address.ts; a test holds both together. */
function surelyOutside(width: number, word: number): boolean {
  if (width === 1) return word >>> 24 < 224 && !mixed.has(word >>> 24);
  const group = word >>> 16;
  return group > 0x2002 && group < 0x3000 && !mixed.has(group);
}

const askedOutside = (words: Words): boolean => addressKind(writeAddress(words)) === "outside";

/** `203.0.113.0/24`, in canonical spelling. */
export const writePrefix = ({ words, bits }: Prefix): string => `${writeAddress(words)}/${bits}`;
