/**
 * Labels of a catch-all series → where the call went. Pure. Each property by name: objects that are spread together take twice the room, and
 * there are as many as rows.
 */

import type { Destination, LabelNames, Labels, Passage, Protocol } from "../model.ts";
import { parseAddressPort, parsePort } from "../words/address.ts";
import { isOuterSni, outerSni } from "../words/gateway.ts";
import { insideReason, parseHost } from "../words/host.ts";
import { printable } from "../words/printable.ts";
import { known } from "./source.ts";

/**
 * The destination of an HTTP or gRPC row. The Host header is what the workload wrote: taken apart, checked, never guessed at.
 * The port is the one dialled where a label tells, else the one in the Host, else 80.
 * @param verdict through which catch-all it went
 */
export function readHttp(labels: Labels, names: LabelNames, verdict: Passage): Destination {
  const dialled = readDialled(labels, names);
  const parsed = parseHost(labels.destination_service ?? "");
  const protocol: Protocol = labels.request_protocol === "grpc" ? "grpc" : "http";
  const [sni, host] = [null, parsed.kind === "host" ? parsed.host : null];
  if (parsed.kind === "junk") {
    const text = known(labels, "destination_service");
    const claim = text === null ? null : printable(text).slice(1, -1);
    return { verdict, protocol, host, address: dialled.address, port: dialled.port, sni, claim };
  }
  const address = dialled.address ?? (parsed.kind === "address" ? parsed.address : null);
  return { verdict, protocol, host, address, port: dialled.port ?? parsed.port ?? 80, sni, claim: null };
}

/** The destination of a TCP row: TLS where an SNI was seen, and then the SNI is the host. */
export function readTcp(labels: Labels, names: LabelNames, verdict: Passage): Destination {
  const { address, port } = readDialled(labels, names);
  const seen = readSni(labels, names);
  if (seen === null || isOuterSni(seen))
    return { verdict, protocol: "tcp", host: null, address, port, sni: null, claim: null };
  const { host, sni, claim } = readName(seen);
  return { verdict, protocol: "tls", host, address, port, sni, claim };
}

/**
 * The destination of a TCP row of the egress gateway, by its SNI alone: the address and port dialled are the gateway's own. Out of an
 * outer SNI (`outbound_.443_._.api.example.com`: the sidecar wrapped the call, and no DestinationRule set `tls.sni`) come the host and
 * the port meant. Null for a service of the mesh, and where no SNI was seen.
 */
export function readAtGateway(labels: Labels, names: LabelNames, verdict: Passage): Destination | null {
  const sni = readSni(labels, names);
  const meant = sni === null ? null : meantAtGateway(sni);
  if (meant === null) return null;
  const { host, sni: name, claim } = readName(meant.name);
  return { verdict, protocol: "tls", host, address: null, port: meant.port, sni: name, claim };
}

/** The name in an SNI that came to the gateway, and the port that an outer one tells; null for a service of the mesh. */
export function meantAtGateway(sni: string): { name: string; port: number | null } | null {
  const outer = outerSni(sni);
  if (outer === null && isOuterSni(sni)) return null;
  const name = outer?.host ?? sni;
  const { host } = readName(name);
  if (host === null ? outer !== null : insideReason(host) !== null) return null;
  return { name, port: outer?.port ?? null };
}

function readName(sni: string): Pick<Destination, "host" | "sni" | "claim"> {
  const parsed = parseHost(sni);
  if (parsed.kind === "host" && parsed.port === null) return { host: parsed.host, sni: parsed.host, claim: null };
  return { host: null, sni: null, claim: printable(sni).slice(1, -1) };
}

/** First label present wins; `ip:port` in the address label needs no port label. */
function readDialled(labels: Labels, names: LabelNames): { address: string | null; port: number | null } {
  for (const name of names.address) {
    const text = known(labels, name);
    const parsed = text === null ? null : parseAddressPort(text);
    if (parsed !== null) return { address: parsed.address, port: parsed.port ?? readPort(labels, names) };
  }
  return { address: null, port: readPort(labels, names) };
}

function readPort(labels: Labels, names: LabelNames): number | null {
  for (const name of names.port) {
    const port = parsePort(known(labels, name) ?? undefined);
    if (port !== null) return port;
  }
  return null;
}

/** The SNI as it was seen; at a sidecar, Istio's own outer ones (`outbound_.443_._.host`, `invalid:…` since 1.23.2) name nothing. */
function readSni(labels: Labels, names: LabelNames): string | null {
  for (const name of names.sni) {
    const text = known(labels, name);
    if (text !== null) return text;
  }
  return null;
}
