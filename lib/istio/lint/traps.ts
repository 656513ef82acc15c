/** What Istio accepts without a word and does otherwise than one would think: traps within one entry. Pure. */
import { printable } from "../../words/printable.ts";
import type { Entry } from "./entry.ts";
import { type Found, found } from "./problem.ts";
import { protocolClass } from "./spellings.ts";

/** Takes an entry and gives its traps, be it refused or not. */
export function trapProblems(entry: Entry): Found[] {
  return [
    ...unresolved(entry),
    ...endless(entry),
    ...dotted(entry),
    ...everywhere(entry),
    ...believed(entry),
    ...portless(entry),
  ];
}

function unresolved({ has }: Entry): Found[] {
  if (has.has("resolution")) return [];
  const message =
    "Left out, resolution is NONE: connections go to the address that was dialled, and no name is looked up; write it down, or DNS.";
  return [found("ES0407", "spec.resolution", message)];
}

function endless({ resolution, endpoints, selector }: Entry): Found[] {
  if (resolution !== "STATIC" || endpoints.length > 0 || selector !== null) return [];
  const message =
    "STATIC without endpoints leads nowhere: every request is answered 503 (flags UH), every connection closed.";
  return [found("ES0401", "spec.endpoints", message)];
}

/** istio#38377: what is asked for as `name` does not match `name.`. */
function dotted({ hosts }: Entry): Found[] {
  return hosts.flatMap((host, at) =>
    host?.endsWith(".") === true
      ? [
          found(
            "ES0404",
            `spec.hosts[${at}]`,
            `Clients ask for ${printable(host.slice(0, -1))} without the dot, which this host does not match: their traffic passes this entry by.`,
          ),
        ]
      : [],
  );
}

function everywhere({ has, exportTo, namespace }: Entry): Found[] {
  if (has.has("exportTo") && exportTo.length > 0) return [];
  const message = `Without exportTo the entry holds for every namespace of the mesh, not only for ${printable(namespace)}; write ["."], or ["*"] where that is meant.`;
  return [found("ES0405", "spec.exportTo", message)];
}

/** With addresses only those can be reached; without, the client's word decides. */
function believed({ resolution, addresses, hosts, ports }: Entry): Found[] {
  if (resolution !== "NONE" || addresses.length > 0) return [];
  const port = ports.find(({ protocol }) => protocol !== null && ["http", "tls"].includes(protocolClass(protocol)));
  if (port === undefined) return [];
  const claim = protocolClass(port.protocol ?? "") === "tls" ? "SNI" : "Host header";
  const isWild = hosts.some((host) => host?.startsWith("*") === true);
  const instead = isWild
    ? "list the names with resolution DNS, or DYNAMIC_DNS"
    : "resolution DNS looks the name up itself";
  const message = `Nothing checks the name: a workload that claims one of these in its ${claim} reaches any address on port ${port.number}; ${instead}.`;
  return [found("ES0406", "spec.resolution", message)];
}

function portless({ ports, has }: Entry): Found[] {
  if (!has.has("ports") || ports.length === 0) {
    return [
      found("ES0409", "spec.ports", "Without ports the entry routes nothing: traffic to its hosts passes it by."),
    ];
  }
  return ports.flatMap(({ path, protocol }) =>
    protocol !== null && protocolClass(protocol) === "udp"
      ? [
          found(
            "ES0408",
            `${path}.protocol`,
            "Sidecars do not handle UDP: this port does nothing, and such traffic passes them by.",
          ),
        ]
      : [],
  );
}
