/** CIDRs of providers: read, checked and measured. */
import ipaddr from "ipaddr.js";
import { addressKind, parseAddress } from "../words/address.ts";

/**
 * The first addresses of what is inside, or nowhere (IANA's special-purpose registries, Istio's own): CIDRs lie within one another or
 * apart, so a network that holds one of these holds what must not be opened, and one that does not has none of it.
 */
const inside = parsed([
  ...[
    "0.0.0.0",
    "10.0.0.0",
    "100.64.0.0",
    "127.0.0.0",
    "169.254.0.0",
    "172.16.0.0",
    "192.168.0.0",
    "224.0.0.0",
    "240.0.0.0",
  ],
  ...["::", "64:ff9b::", "2001:2::", "fc00::", "fe80::", "ff00::"],
]);

type Address = ipaddr.IPv4 | ipaddr.IPv6;

function parsed(addresses: readonly string[]): Address[] {
  return addresses.map((one) => ipaddr.parse(one));
}

/** A provider's CIDR as Istio reads it, with the bits after the prefix cleared; null for none, and for one that holds inside addresses. */
export function providerNetwork(cidr: string): string | null {
  if (!ipaddr.isValidCIDR(cidr)) return null;
  const [written, length] = ipaddr.parseCIDR(cidr);
  if (inside.some((one) => one.kind() === written.kind() && one.match(written, length))) return null;
  const address = parseAddress(written.toString());
  return address === null || addressKind(address) !== "outside" ? null : networkAround(address, length);
}

/** The network of that length around a canonical address; null where its family has no such length. */
export function networkAround(address: string, length: number): string | null {
  const isLong = address.includes(":");
  if (length > (isLong ? 128 : 32)) return null;
  const family = isLong ? ipaddr.IPv6 : ipaddr.IPv4;
  const first = family.networkAddressFromCIDR(`${address}/${length}`);
  return `${first instanceof ipaddr.IPv6 ? first.toRFC5952String() : first.toString()}/${length}`;
}

/** How many addresses a network has, for people. */
export function sizeOf(network: string): string {
  const bits = (network.includes(":") ? 128 : 32) - Number(network.slice(network.indexOf("/") + 1));
  return bits > 24 ? `2^${bits}` : String(2 ** bits);
}
