/** What may go wrong when a suggestion is applied, in short sentences. */

import type { Finding } from "../model.ts";
import { isInternationalized } from "../words/host.ts";
import { isAmbiguous, privateAddresses } from "./confidence.ts";
import { databaseWarning } from "./databases.ts";
import type { Group } from "./evidence.ts";
import type { Port } from "./ports.ts";
import type { SuggestSettings } from "./service-entry.ts";
import { confirmedNames, hostTrust } from "./trust.ts";

/** Ports on which TLS is the rule: https, smtps, ldaps, DNS over TLS, imaps, pop3s, amqps, Kubernetes, secure MQTT. */
const tlsPorts = new Set([443, 465, 636, 853, 993, 995, 5671, 6443, 8443, 8883, 9443]);

/** Said where nothing more is known of that entry. */
export const heldAlready = "A ServiceEntry in force holds this host already: better add the port there than keep two.";

interface Case {
  finding: Finding;
  group: Group;
  ports: readonly Port[];
  settings: SuggestSettings;
}

/** Takes the finding, its group, the ports chosen and the settings; most pressing first, each once. Throws nothing. */
export function warnings(about: Case): string[] {
  return [...passage(about), ...identity(about), ...matching(about)];
}

/** What an entry of these ports matches, and what not. */
export function matching(about: Pick<Case, "group" | "ports" | "settings">): string[] {
  return [...mixes(about), ...reach(about)];
}

/** What applying it opens that is shut today. */
function passage({ finding, group }: Case): string[] {
  const blocked = group.evidence.filter((one) => one.verdict === "blocked").map((one) => one.port);
  const others = [...new Set(blocked)].filter((port) => port !== finding.destination.port);
  const own = finding.destination.verdict === "blocked" ? ["It is blocked today: applying this opens it."] : [];
  return [
    ...own,
    ...(others.length === 0 ? [] : [`${portList(others)} blocked today too: applying this opens what is listed here.`]),
  ];
}

/** Is it who it says? */
function identity({ finding, group }: Case): string[] {
  const out: string[] = [];
  const { host, protocol, port } = finding.destination;
  if (host !== null && hostTrust(host, finding.names) === "claimed") {
    out.push(
      `${protocol === "tls" ? "The SNI" : "The Host header"} is what the workload wrote: nothing confirms that ${host} was really called.`,
    );
  }
  if (isInternationalized(group.entry.host))
    out.push("The name holds encoded non-ASCII letters (xn--): check that it does not just look like another.");
  const addresses = privateAddresses(finding);
  if (addresses.length > 0) {
    out.push(
      `${addresses.join(", ")} is private: it may be a pod or a service of the mesh, which needs no ServiceEntry.`,
    );
  }
  const named = confirmedNames(finding);
  if (host === null && isAmbiguous(finding)) {
    out.push(
      `DNS confirms several names for that address: ${[...new Set(named.map((name) => name.name))].slice(0, 4).join(", ")}. Choose the one that is meant.`,
    );
  }
  if (named.some((name) => name.from === "service-entry" && name.name === group.entry.host)) {
    out.push(heldAlready);
  }
  if (port !== null && tlsPorts.has(port) && protocol === "tcp") {
    out.push(
      `No SNI was visible on port ${port}, which is not to say that none was sent: as TLS, by name, an entry would outlive a change of address.`,
    );
  }
  if (port === 443 && protocol !== "tcp" && protocol !== "tls")
    out.push("Plain HTTP on port 443: check that the caller means it.");
  return out;
}

/** One number, several protocols. */
function mixes({ ports, group }: Pick<Case, "group" | "ports">): string[] {
  return ports.flatMap(({ number, protocol, seen, unrouted }) => {
    const out: string[] = [];
    if (protocol === "GRPC" && seen.has("http")) {
      out.push(
        `Port ${number} carries gRPC and other HTTP: as GRPC both go upstream as HTTP/2. Where the server wants HTTP/1.1 for the rest, add a DestinationRule with connectionPool.http.useClientProtocol.`,
      );
    }
    if (group.entry.address === null && protocol !== "TCP" && seen.has("tcp")) {
      out.push(
        `Port ${number} was also counted as raw TCP: taken for ${protocol === "TLS" ? "TLS whose SNI was not visible" : "HTTP from before Istio looked into that port"}. Connections that are neither will not match.`,
      );
    }
    if (protocol === null)
      out.push(
        `Port ${number} carries several protocols, so none is set and Istio looks at the first bytes: a server that speaks first would hang.`,
      );
    if (unrouted.size > 0) {
      out.push(
        `${unrouted.has("tls") ? "TLS" : "Plain HTTP"} on port ${number} was seen too and is not routed: one port has one protocol.`,
      );
    }
    return out;
  });
}

/** Where and for how long. */
function reach({ group, ports, settings }: Pick<Case, "group" | "ports" | "settings">): string[] {
  const tcp = ports.filter((port) => port.protocol === "TCP").map((port) => port.number);
  if (group.entry.address !== null)
    return ["It fits only as long as the service keeps this address, and lets through whatever else answers there."];
  const out: string[] = [];
  if (tcp.length > 0 && settings.dnsCapture === true) {
    out.push(
      `It relies on Istio's DNS capture (ISTIO_META_DNS_CAPTURE) of the calling workload: without it, all TCP on port ${tcp.join(", ")} is caught and sent to ${group.entry.host}.`,
    );
  } else if (tcp.length > 0) {
    out.push(`Only the listed addresses match: when ${group.entry.host} moves, the entry has to follow.`);
    if (ports.some((port) => port.protocol === "TLS"))
      out.push(
        "With addresses in the entry TLS is matched by them and not by SNI: callers that reach other addresses are missed.",
      );
  }
  out.push(...tcp.flatMap((number) => databaseWarning(number) ?? []));
  if (group.beside.length > 0) {
    out.push(
      `TCP to the same address was seen before on port ${group.beside.join(", ")}: if an entry of this name holds it already, keep it.`,
    );
  }
  return out;
}

function portList(ports: readonly number[]): string {
  return ports.length === 1 ? `Port ${ports[0]} is` : `Ports ${ports.join(", ")} are`;
}
