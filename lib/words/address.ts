/** IP addresses: one canonical spelling, what kind each is, and their names under in-addr.arpa and ip6.arpa. Pure. */
import ipaddr from "ipaddr.js";
import type { Destination } from "../model.ts";

export type AddressKind =
  /** Routable, or reserved for documentation: may be looked up, may be suggested. */
  | "outside"
  /** RFC 1918, RFC 6598, RFC 4193: a data centre, a VPC, or a pod. Never looked up. */
  | "private"
  /** 240.240.0.0/16 and 2001:2::/48: what Istio hands out for ServiceEntries without an address. */
  | "istio-vip"
  /** Loopback, link-local, multicast, unspecified, reserved: nothing a ServiceEntry could stand for. */
  | "special";

/** Istio's auto-allocated addresses, PILOT_IP_AUTOALLOCATE_IPV4_PREFIX and _IPV6_PREFIX (istio pilot/pkg/features/pilot.go). */
const istioVips = [ipaddr.parseCIDR("240.240.0.0/16"), ipaddr.parseCIDR("2001:2::/48")];
/** RFC 5737 and RFC 3849; ipaddr.js calls them reserved, and they are as harmless to look up as any public address. */
const documentation = ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"].map((range) =>
  ipaddr.parseCIDR(range),
);
/** IPv4-compatible addresses, deprecated: whatever is there is no place outside. */
const unroutable = ipaddr.parseCIDR("::/96");
const privateRanges = new Set(["private", "carrierGradeNat", "uniqueLocal"]);

/** What most addresses are, and canonical as it is; ipaddr.js takes fifty times as long to say so. */
const dotted = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/** Eight groups of four with an IPv4 address for the last two, in brackets. */
const longest = 47;

type Address = ipaddr.IPv4 | ipaddr.IPv6;

function inside(address: Address, range: [Address, number]): boolean {
  return address.kind() === range[0].kind() && address.match(range);
}

/** An IPv4 address that an IPv6 one carries: mapped (RFC 4291), NAT64 (RFC 6052) or 6to4 (RFC 3056). */
function embedded(address: Address): Address {
  if (!(address instanceof ipaddr.IPv6)) return address;
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  const bytes = address.toByteArray();
  if (address.range() === "rfc6052") return new ipaddr.IPv4(bytes.slice(12));
  if (address.range() === "6to4") return new ipaddr.IPv4(bytes.slice(2, 6));
  return address;
}

/**
 * The canonical spelling of an IP address: dotted decimal, or RFC 5952; IPv4-mapped IPv6 as IPv4; no brackets, no zone.
 * Null for all else, the short, octal and hexadecimal IPv4 forms of inet_aton and IPv4 in brackets included.
 */
export function parseAddress(text: string): string | null {
  // What looks for colons takes the square of a length that a workload chooses.
  if (text.length > longest) return null;
  if (dotted.test(text)) return text;
  const bare = /^\[.*:.*\]$/.test(text) ? text.slice(1, -1) : text;
  // Most texts asked about are host names, or have a port; ipaddr.js would throw to find that out, at a hundred times the cost.
  if (!/^(?:\d{1,3}(?:\.\d{1,3}){3}|[\dA-Fa-f.]*:[\dA-Fa-f.]*:[\dA-Fa-f:.]*)$/.test(bare)) return null;
  const last = bare.slice(bare.lastIndexOf(":") + 1);
  if ((last === bare || last.includes(".")) && !ipaddr.IPv4.isValidFourPartDecimal(last)) return null;
  if (!ipaddr.isValid(bare)) return null;
  const address = compatible(bare) ?? ipaddr.parse(bare);
  const plain = address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
  return plain instanceof ipaddr.IPv6 ? plain.toRFC5952String() : plain.toString();
}

/** IPv4-compatible IPv6 (`::1.2.3.4`, deprecated by RFC 4291 §2.5.5.1), which ipaddr.js takes for IPv4-mapped. */
function compatible(text: string): ipaddr.IPv6 | null {
  const [, inner] = /^::(\d+\.\d+\.\d+\.\d+)$/.exec(text) ?? [];
  return inner === undefined
    ? null
    : new ipaddr.IPv6([...Array(12).fill(0), ...ipaddr.IPv4.parse(inner).toByteArray()]);
}

/** `1.2.3.4`, `1.2.3.4:443`, `[2001:db8::1]:443`, `2001:db8::1` → canonical address and port; null where it is neither. */
export function parseAddressPort(text: string): { address: string; port: number | null } | null {
  const whole = parseAddress(text);
  if (whole !== null) return { address: whole, port: null };
  const split = /^(.*):(\d{1,5})$/.exec(text);
  const address = split?.[1] === undefined ? null : parseAddress(split[1]);
  const port = parsePort(split?.[2]);
  if (address === null || port === null) return null;
  if (split?.[1]?.includes(":") && !text.startsWith("[")) return null;
  return { address, port };
}

/** A port of 1 to 65535 in decimal, else null. */
export function parsePort(text: string | undefined): number | null {
  if (text === undefined || !/^\d{1,5}$/.test(text)) return null;
  const port = Number(text);
  return port >= 1 && port <= 65535 ? port : null;
}

/** What kind of place a canonical address is; one that carries an IPv4 address inside is judged by that. */
export function addressKind(canonical: string): AddressKind {
  const outer = ipaddr.parse(canonical);
  if (istioVips.some((range) => inside(outer, range))) return "istio-vip";
  const address = embedded(outer);
  if (documentation.some((range) => inside(address, range))) return "outside";
  if (inside(address, unroutable)) return "special";
  const range = address.range();
  if (privateRanges.has(range)) return "private";
  return range === "unicast" ? "outside" : "special";
}

/** Is the canonical address in one of the CIDRs? Those that are no CIDR or of the other family never match. */
export function inRanges(canonical: string, cidrs: readonly string[]): boolean {
  const address = ipaddr.parse(canonical);
  return cidrs.some((cidr) => ipaddr.isValidCIDR(cidr) && inside(address, ipaddr.parseCIDR(cidr)));
}

/** The name whose PTR records name the address: RFC 1035 §3.5 for IPv4, RFC 3596 §2.5 for IPv6. */
export function arpaName(canonical: string): string {
  const address = ipaddr.parse(canonical);
  const bytes = address.toByteArray();
  if (address.kind() === "ipv4") return `${bytes.reverse().join(".")}.in-addr.arpa`;
  const nibbles = bytes.flatMap((byte) => [byte >> 4, byte & 15]).map((nibble) => nibble.toString(16));
  return `${nibbles.reverse().join(".")}.ip6.arpa`;
}

/** Where to, as people read it: `api.example.com:443`, `[2001:db8::1]:443`, `"a claim":?`. Every part is printable by now. */
export function placeText({ host, address, claim, port }: Destination): string {
  const place = host ?? (claim === null ? (address ?? "unknown") : `"${claim}"`);
  return `${place.includes(":") && claim === null ? `[${place}]` : place}:${port ?? "?"}`;
}
