/** Finds an IP address inside a host name: what a provider's script wrote says where, never what. Pure. */
import ipaddr from "ipaddr.js";
import { parseAddress } from "../words/address.ts";

/**
 * How the canonical host name holds the canonical address (dotted, dashed, reversed, zero-padded, hexadecimal or decimal; IPv6
 * with or without its zeros), or else another IPv4 address, dotted or dashed; null where it holds none. `address` null asks for the
 * latter alone. Of 90,557 PTR records counted, 62,452 hold their own address.
 */
export function addressInName(host: string, address: string | null): string | null {
  const own = address === null || parseAddress(address) === null ? null : ipaddr.parse(address);
  if (own !== null && (own.kind() === "ipv4" ? holdsV4(host, own.toByteArray()) : holdsV6(host, own.toByteArray()))) {
    return "the address itself is in the name";
  }
  const other = quads(host, decimalQuad, 10).find((octets) => octets.every((octet) => octet <= 255));
  return other === undefined ? null : `an address, ${other.join(".")}, is in the name`;
}

const decimalQuad = /(?<!\d)(\d{1,3})[.x-](\d{1,3})[.x-](\d{1,3})[.x-](\d{1,3})(?!\d)/g;
const hexQuad = /(?<![0-9a-f])([0-9a-f]{1,2})[.-]([0-9a-f]{1,2})[.-]([0-9a-f]{1,2})[.-]([0-9a-f]{1,2})(?![0-9a-f])/g;

/** Every run of four numbers, those that overlap included: `1-203-0-113-7` holds two. */
function quads(host: string, pattern: RegExp, radix: number): number[][] {
  const found: number[][] = [];
  pattern.lastIndex = 0;
  for (let match = pattern.exec(host); match !== null; match = pattern.exec(host)) {
    found.push(match.slice(1).map((group) => Number.parseInt(group, radix)));
    pattern.lastIndex = match.index + 1;
  }
  return found;
}

function holdsV4(host: string, bytes: number[]): boolean {
  const back = bytes.toReversed();
  const orders = [bytes, back].map((octets) => octets.join("."));
  const inOrder = (octets: number[]): boolean => orders.includes(octets.join("."));
  if (quads(host, decimalQuad, 10).some(inOrder) || quads(host, hexQuad, 16).some(inOrder)) return true;
  const padded = [bytes, back].map((octets) => octets.map((octet) => String(octet).padStart(3, "0")).join(""));
  const decimal = String(bytes.reduce((sum, byte) => sum * 256 + byte, 0));
  // Small addresses are short numbers, and short numbers are everywhere.
  const runs = [...padded, ...(decimal.length >= 8 ? [decimal] : [])];
  if ((host.match(/\d+/g) ?? []).some((run) => runs.includes(run))) return true;
  return host.includes(hex(bytes)) || host.includes(hex(back));
}

function holdsV6(host: string, bytes: number[]): boolean {
  const whole = hex(bytes);
  const groups = whole.match(/.{4}/g) ?? [];
  const short = groups.map((group) => group.replace(/^0{1,3}/, ""));
  const nibbles = [...whole];
  const spellings = [
    groups.join("-"),
    groups.join("."),
    short.join("-"),
    short.join("."),
    ipaddr.fromByteArray(bytes).toString().replaceAll(":", "-"),
    nibbles.join("."),
    nibbles.toReversed().join("."),
    whole,
    nibbles.toReversed().join(""),
  ];
  return spellings.some((spelling) => holdsWhole(host, spelling));
}

/** Not as the middle of something longer: `2001-db8--1` is not in `2001-db8--17`. */
function holdsWhole(host: string, spelling: string): boolean {
  const hexadecimal = (at: number): boolean => /[0-9a-f]/.test(host.charAt(at));
  for (let at = host.indexOf(spelling); at !== -1; at = host.indexOf(spelling, at + 1)) {
    if (!hexadecimal(at - 1) && !hexadecimal(at + spelling.length)) return true;
  }
  return false;
}

const hex = (bytes: number[]): string => bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
