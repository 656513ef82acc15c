/** What the config calls "not egress": addresses, CIDRs, host names and `*.suffix` patterns. Pure. */

import type { Destination } from "../model.ts";
import { addressKind, inRanges, parseAddress } from "../words/address.ts";

/**
 * Is the destination internal by the config's list? An address decides where it is known. A Host or SNI decides only for an
 * unknown or a private address: it is the workload's claim, and would otherwise be a way not to be seen.
 */
export function isInternal(destination: Destination, internal: readonly string[]): boolean {
  if (internal.length === 0) return false;
  const { address, host } = destination;
  if (address !== null && inRanges(address, internal.map(asRange))) return true;
  if (host === null || (address !== null && addressKind(address) !== "private")) return false;
  return internal.some((pattern) => hostMatches(host, pattern.toLowerCase()));
}

function asRange(text: string): string {
  const address = parseAddress(text);
  if (address === null) return text;
  return `${address}/${address.includes(":") ? 128 : 32}`;
}

/** `name` matches itself; `*.suffix` matches every name below the suffix, not the suffix itself. */
function hostMatches(host: string, pattern: string): boolean {
  return pattern.startsWith("*.") ? host.endsWith(pattern.slice(1)) : host === pattern;
}
