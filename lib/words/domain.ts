/**
 * Whose a host name is, by the public suffix list. Pure. The list is the largest part of the program and most runs need nothing of it:
 * what every run loads imports this file on demand.
 */
import * as tldts from "tldts";
import { insideReason, parseHost } from "./host.ts";
import { isAboveShared, sharedSuffix } from "./shared-tenants.ts";

/**
 * The registrable domain (public suffix plus one label) of a canonical host name, the private section of the public suffix list
 * included; null where the name is itself a suffix or under no known one.
 */
export function registrableDomain(host: string): string | null {
  const parsed = tldts.parse(host, { allowPrivateDomains: true, extractHostname: false, validateHostname: false });
  return parsed.isIcann || parsed.isPrivate ? parsed.domain : null;
}

/** Four numbers that may be an address: the name of one machine of many. */
const machine = /(?<!\d)(?:\d{1,3}[.-]){3}\d{1,3}(?!\d)/;

/**
 * The registrable domain of a canonical host name whose wildcard would cover one party's names and no others; null where there is
 * none, and then `wildcardFault` says why. Safe in principle: whose the domain is, and whether all of it is wanted, only people know.
 */
export function wildcardDomain(host: string): string | null {
  return wildcardFault(host) === null ? registrableDomain(host) : null;
}

/** Why no wildcard may stand for a host name: not even its own domain's; null where its domain's may. Throws nothing. */
export function wildcardFault(host: string): string | null {
  const parsed = parseHost(host);
  if (parsed.kind !== "host" || parsed.host !== host) return "it is no host name";
  const inside = insideReason(host);
  if (inside !== null) return inside;
  const suffix = sharedSuffix(host);
  if (suffix !== null) return `${suffix} is shared: every customer of its owner has names under it`;
  const domain = registrableDomain(host);
  if (domain === null) return "it is a public suffix, or under none that is known";
  if (isAboveShared(domain)) return `under ${domain} customers of its owner have names`;
  return machine.test(host) ? "an address is in the name, as in those of one machine of many" : null;
}
