/** Why there can be no manifest for a finding, as one plain sentence. */

import type { Destination, Finding, FindingKind, Name, Source, Trust } from "../model.ts";
import { addressKind, parseAddress } from "../words/address.ts";
import { printable } from "../words/printable.ts";
import { hostFault, hostTrust, isUsable } from "./trust.ts";

const noManifest: Partial<Record<FindingKind, string>> = {
  blind: "This is about telemetry that is missing, and no destination is known.",
  "fan-out":
    "Many new destinations at once may be a scan. 'egress-scout report' lists them all; 'egress-scout plan' makes manifests for those that are legitimate.",
  "name-mismatch":
    "The name that was claimed does not resolve to the address that was dialled: it is not to be trusted.",
  "entry-bypassed": "The entry is in force: another would not help.",
  "policy-violation": "A policy of the config forbids this destination: a manifest would undo the policy.",
};

const distrust: Partial<Record<Trust, string>> = {
  refused: "is refused as a name for the outside",
  contradicted: "does not resolve to the address that was dialled: it is not to be trusted",
  generic: "is an infrastructure name: it says whose machine it is, not which service",
};

const dns1123Label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** The kinds that speak against their destination: they silence every other finding about the same sighting. */
function vetoes(finding: Finding): string | null {
  return finding.kind === "name-mismatch" || finding.kind === "policy-violation"
    ? (noManifest[finding.kind] ?? null)
    : null;
}

/** What speaks against the destinations of findings, by their keys. */
export function vetoesOf(findings: readonly Finding[]): Map<string, string> {
  return new Map(
    findings.flatMap((finding) => {
      const veto = vetoes(finding);
      return veto === null ? [] : [[finding.key, veto] as const];
    }),
  );
}

/** The reason why the finding, seen for itself, carries no manifest; null where it does. Throws nothing. */
export function refusal(finding: Finding): string | null {
  return (
    noManifest[finding.kind] ??
    (finding.state === "resolved" ? "It is over: there is nothing to open now." : null) ??
    sourceFault(finding.source) ??
    placeFault(finding.destination, finding.addresses, finding.names) ??
    portFault(finding.destination.port)
  );
}

/** Why what goes through the egress gateway has no manifest at its caller; null for what is about no single open call. */
export function throughReason({ kind, state, destination }: Finding): string | null {
  if (state === "resolved" || noManifest[kind] !== undefined) return null;
  return destination.verdict === "blocked"
    ? "The egress gateway has no way on for it: what it lacks is a ServiceEntry that it sees, and a route from it to the host."
    : "It goes through the egress gateway, which has a ServiceEntry for it already: one at the caller would lead past the gateway.";
}

/** The manifest lives in the caller's namespace, so that has to be one (Kubernetes: a DNS-1123 label). */
function sourceFault(source: Source): string | null {
  if (source.namespace === "" || source.namespace === "unknown") {
    return "The caller's namespace is not known, and the manifest would live there.";
  }
  if (dns1123Label.test(source.namespace)) return null;
  return `${printable(source.namespace)} is no namespace, and the manifest would live there.`;
}

function placeFault(destination: Destination, addresses: readonly string[], names: readonly Name[]): string | null {
  const { host, address, protocol, claim } = destination;
  if (host !== null)
    return nameFault(host, names) ?? dialledFault([...addresses, ...(address === null ? [] : [address])]);
  if (claim !== null || protocol === "tls") {
    return `What the workload sent as ${protocol === "tls" ? "SNI" : "Host"} is no host name: no ServiceEntry can name it.`;
  }
  if (address === null) {
    return "Neither a name nor an address is known: the metrics lack the address label, which the manifest of `egress-scout telemetry` adds.";
  }
  return addressFault(address);
}

function nameFault(host: string, names: readonly Name[]): string | null {
  const fault = hostFault(host);
  if (fault !== null) return `${printable(host)} is no name for the outside: ${fault}.`;
  const trust = distrust[hostTrust(host, names)];
  return trust === undefined ? null : `${host} ${trust}.`;
}

/** A good name behind which only useless addresses were dialled: the traffic did not go where the name says. */
function dialledFault(addresses: readonly string[]): string | null {
  const [first] = addresses;
  return first === undefined || addresses.some(isUsable) ? null : addressFault(first);
}

function addressFault(address: string): string | null {
  if (parseAddress(address) !== address) return "What was dialled is no IP address.";
  const kind = addressKind(address);
  if (kind === "istio-vip") {
    return `${address} is one of Istio's own addresses (240.240.0.0/16, 2001:2::/48), which it hands out for ServiceEntries: the caller holds a stale one, of an entry that was changed or deleted.`;
  }
  if (kind === "special") {
    return `${address} is a special address (loopback, link-local as cloud metadata is, multicast or reserved): nothing outside that a ServiceEntry could stand for.`;
  }
  return null;
}

function portFault(port: number | null): string | null {
  if (port !== null && Number.isInteger(port) && port >= 1 && port <= 65535) return null;
  return "The port is not known: the address label, which the manifest of `egress-scout telemetry` adds, would tell it.";
}
