/** How far a suggestion can be trusted to be what its owner wants. */

import type { Finding, Suggestion } from "../model.ts";
import { addressKind } from "../words/address.ts";
import type { Group } from "./evidence.ts";
import type { Port } from "./ports.ts";
import { confirmedNames, hostTrust, isUsable } from "./trust.ts";

/**
 * The rule, worst first; `port` is the one the finding is about.
 * - low: a private address (it may be a pod or a service of the mesh), several confirmed names for one address, or connections
 *   counted as raw TCP for which only a HTTP or TLS port is at hand.
 * - medium: a Host nobody confirmed, an address, a name that only DNS gave the address, a port that carries two protocols.
 * - high: an SNI, or a Host that DNS confirms. A claimed SNI is enough: clients check the certificate against the name they sent,
 *   so a false one is rarely an accident; a Host is plain text that nobody checks.
 */
export function confidence(finding: Finding, group: Group, port: Port): Suggestion["confidence"] {
  const { protocol, host } = finding.destination;
  if (privateAddresses(finding).length > 0) return "low";
  if (protocol === "tcp" && group.entry.address === null && isAmbiguous(finding)) return "low";
  if (protocol === "tcp" && group.entry.address === null && port.protocol !== "TCP") return "low";
  if (group.entry.address !== null || protocol === "tcp" || port.seen.size > 1) return "medium";
  if (protocol === "tls") return "high";
  return host !== null && hostTrust(host, finding.names) === "confirmed" ? "high" : "medium";
}

/** The finding's dialled addresses that are private: a data centre, a VPC, or a pod. */
export function privateAddresses(finding: Finding): string[] {
  const { address } = finding.destination;
  const dialled = new Set([...finding.addresses, ...(address === null ? [] : [address])]);
  return [...dialled].filter((one) => isUsable(one) && addressKind(one) === "private").sort();
}

/** Does DNS confirm more than one name for the address? Then the choice is the owner's. */
export function isAmbiguous(finding: Finding): boolean {
  return new Set(confirmedNames(finding).map((name) => name.name)).size > 1;
}
