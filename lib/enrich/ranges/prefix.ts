/** CIDR prefixes of a provider's list: read, and refused where no provider can mean them. Pure. */
import { addressKind } from "../../address.ts";
import { firstOf, lastOf, readAddress, type Words, writeAddress } from "./address-words.ts";

/** `words` is the block's first address; `bits` is how many leading bits all its addresses share. */
export interface Prefix {
  words: Words;
  bits: number;
}

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
 * by lib/address.ts (a list that holds 10.0.0.0/8 would name our own pods).
 */
export function readPrefix(text: string): Prefix | Refusal {
  const slash = text.indexOf("/");
  const spelled = slash < 0 ? text : text.slice(0, slash);
  const words = readAddress(spelled);
  if (words === null) return "no prefix";
  const most = words.length === 1 ? 32 : 128;
  const isMapped = words.length === 1 && spelled.includes(":");
  const bits = slash < 0 ? most : readBits(text.slice(slash + 1), isMapped ? 128 : most);
  if (bits === null) return "no prefix";
  return checked(words, isMapped && slash >= 0 ? bits - 96 : bits);
}

function readBits(text: string, most: number): number | null {
  const bits = /^\d{1,3}$/.test(text) ? Number(text) : most + 1;
  return bits <= most ? bits : null;
}

function checked(words: Words, bits: number): Prefix | Refusal {
  // A mapped prefix of fewer than 96 bits holds IPv6 addresses of the kind that leads nowhere (::/8).
  if (bits < 0) return "not outside";
  if (bits < (words.length === 1 ? widest.v4 : widest.v6)) return "too wide";
  const first = firstOf(words, bits);
  const isOutside = surelyOutside(first) || [first, lastOf(words, bits)].every(askedOutside);
  return isOutside ? { words: first, bits } : "not outside";
}

/** The first octets of IPv4, and the first groups of IPv6, under which some addresses are not outside: lib/address.ts decides. */
const mixed = new Set([0, 10, 100, 127, 169, 172, 192, 198, 0x2620]);

/** Most of a list can be told by its first bits, at a hundredth of the cost of asking lib/address.ts; a test holds both together. */
function surelyOutside(first: Words): boolean {
  const [word = 0] = first;
  if (first.length === 1) return word >>> 24 < 224 && !mixed.has(word >>> 24);
  const group = word >>> 16;
  return group > 0x2002 && group < 0x3000 && !mixed.has(group);
}

const askedOutside = (words: Words): boolean => addressKind(writeAddress(words)) === "outside";

/** `203.0.113.0/24`, in canonical spelling. */
export const writePrefix = ({ words, bits }: Prefix): string => `${writeAddress(words)}/${bits}`;
