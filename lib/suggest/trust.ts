/** What the names of a finding are worth as hosts of a manifest. */

import type { Destination, Finding, Name, NameFrom, Trust } from "../model.ts";
import { addressKind, parseAddress } from "../words/address.ts";
import { insideReason, parseHost } from "../words/host.ts";

/** A range or an AS says whose an address is, never which service; a Host or SNI is judged by `hostTrust`. */
const namesAddresses: readonly NameFrom[] = ["service-entry", "forward", "ptr"];

/**
 * How far to trust a Host or SNI, given the names of its finding. Silence is `claimed`: when enrichment failed, nothing speaks
 * for or against it. What was judged as Host or SNI counts before what the address is called, and the worst verdict wins, since a
 * workload chooses what it writes. A PTR that calls the same name generic says nothing against who asked for it.
 */
export function hostTrust(host: string, names: readonly Name[]): Trust {
  const same = names.filter((name) => name.name === host);
  const written = same.filter((name) => name.from === "host" || name.from === "sni");
  const against = same.find((name) => name.trust === "refused") ?? same.find((name) => name.trust === "contradicted");
  if (against !== undefined) return against.trust;
  if (written.some((name) => name.trust === "generic")) return "generic";
  return (written.length > 0 ? written : same).some((name) => name.trust === "confirmed") ? "confirmed" : "claimed";
}

/** Does anything speak against the host? Then nothing that we print may open it. */
export function isDistrusted(host: string, names: readonly Name[]): boolean {
  return ["refused", "contradicted", "generic"].includes(hostTrust(host, names));
}

/** Does a name that was looked up speak against the host of a destination? */
export function isDoubted({ host }: Destination, names: readonly (Name | null)[]): boolean {
  return (
    host !== null &&
    isDistrusted(
      host,
      names.filter((one) => one !== null),
    )
  );
}

/** Why a canonical host can never be a host of ours, whoever vouches for it; null where it can. */
export function hostFault(host: string): string | null {
  const parsed = parseHost(host);
  if (parsed.kind !== "host" || parsed.host !== host || parsed.port !== null) return "it is no host name";
  return insideReason(host);
}

/** The names that DNS or a ServiceEntry in force confirms for the finding's address, best first, fit to be hosts. */
export function confirmedNames(finding: Finding): Name[] {
  const fit = (name: Name): boolean =>
    name.trust === "confirmed" && namesAddresses.includes(name.from) && hostFault(name.name) === null;
  return finding.names.filter(fit);
}

/**
 * Address to name, as this run's findings confirm it: what a sighting was named may be long ago, so this is how ports of an address that
 * were seen before find their way into the manifest of its name. Where findings disagree the first name in the alphabet stands:
 * any choice will do that does not depend on the order of the findings.
 */
export function addressNames(findings: readonly Finding[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const finding of findings) {
    const { address } = finding.destination;
    const best = confirmedNames(finding)[0]?.name;
    // With several addresses behind one host nobody knows which of them the name is of.
    const isSure = address !== null && isUsable(address) && finding.addresses.every((one) => one === address);
    if (!isSure || best === undefined) continue;
    const known = names.get(address);
    if (known === undefined || best < known) names.set(address, best);
  }
  return names;
}

/** May the address stand in a manifest? Neither Istio's own, nor one that leads nowhere outside, nor anything but an address. */
export function isUsable(address: string): boolean {
  return parseAddress(address) === address && ["outside", "private"].includes(addressKind(address));
}
