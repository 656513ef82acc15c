/** A finding in one sentence that a person reads. Pure; every part of it is printable by now. */

import type { Destination, Finding, Name } from "../model.ts";
import { addressKind } from "../words/address.ts";

const protocols = { http: "HTTP", grpc: "gRPC", tls: "TLS", tcp: "TCP" } as const;

/**
 * Who did what, to where, how often; what is odd about the address comes after it. What the detector left in `summary` is told with
 * it: how long it was quiet, or why a spike is one. A fan-out and a blindness are told by their detector alone.
 * @param isGateway the source is the egress gateway
 */
export function summarize(finding: Finding, isGateway = false): string {
  const said = sentence(finding);
  const isCall = finding.kind !== "fan-out" && finding.kind !== "blind";
  return isGateway && isCall ? `${said} ${byGateway}` : said;
}

const byGateway =
  "The caller is the egress gateway: its metrics do not say which workload called through it, its access log does.";

function sentence(finding: Finding): string {
  const { kind, source, destination, count, names, summary } = finding;
  if (kind === "fan-out" || kind === "blind") return summary;
  const who = `${source.namespace}/${source.workload}`;
  const where = `${place(destination, names)} (${protocols[destination.protocol]})`;
  if (kind === "blocked-spike") return spike(finding, who, where);
  if (kind === "name-mismatch") return mismatch(finding, who);
  const calls = `${count} ${noun(destination.protocol)}${count === 1 ? "" : "s"}`;
  if (kind === "policy-violation")
    return [violation(finding, who, where, calls), ...remarks(destination, names)].join(" ");
  if (kind === "entry-bypassed") return bypass(finding, who, where, calls);
  const what =
    kind === "new-blocked"
      ? `${who} tried to reach ${where}, ${summary || "never seen from it before"}: ${calls}, blocked by the mesh.`
      : `${reached(who, where, summary || "for the first time", isCalled(destination, names))}: ${calls}, let through.`;
  return [what, ...remarks(destination, names)].join(" ");
}

/** How often comes first where the place has a clause of its own, or it would read as if DNS confirmed for the first time. */
function reached(who: string, where: string, often: string, hasClause: boolean): string {
  return hasClause
    ? `${often.charAt(0).toUpperCase()}${often.slice(1)}, ${who} reached ${where}`
    : `${who} reached ${where} ${often}`;
}

function violation({ destination, state, summary }: Finding, who: string, where: string, calls: string): string {
  const blocked = destination.verdict === "blocked";
  const what = `${who} ${blocked ? "tried to reach" : "reached"} ${where}`;
  if (state === "resolved") return `${what} against a policy: over after ${calls}. ${summary}`;
  return `${what}, which a policy forbids: ${calls}, ${blocked ? "blocked by the mesh" : "let through"}. ${summary}`;
}

function bypass({ destination, state, summary }: Finding, who: string, where: string, calls: string): string {
  const past = `${who} to ${where}`;
  if (state === "resolved") return `${past} goes by its ServiceEntry, or is not called any more: over after ${calls}.`;
  const way =
    destination.verdict === "blocked" ? "were blocked all the same" : "went through the catch-all all the same";
  return `${past}: ${calls} ${way}, though a ServiceEntry takes them: ${summary}`;
}

function mismatch({ destination, count, state, summary }: Finding, who: string): string {
  const { host, address, port, protocol } = destination;
  const calls = `${count} ${noun(protocol)}${count === 1 ? "" : "s"}`;
  const at = `${bracketed(address ?? "")}${port === null ? "" : `:${port}`}`;
  const said = protocol === "tls" ? "SNI" : "Host";
  const but = summary.replace(/^, but it /, ", but that name ");
  const what = `${who} called ${at} by the name ${host} (its ${said})${but} and did not resolve to this address in the last week`;
  return state === "resolved" ? `${what}: over after ${calls}.` : `${what}: ${calls}.`;
}

function spike({ destination, summary, state, count }: Finding, who: string, where: string): string {
  const isTotal =
    destination.host === null &&
    destination.address === null &&
    destination.claim === null &&
    destination.port === null;
  const from = isTotal ? `${who}, to all destinations` : `${who} to ${where}`;
  return state === "resolved" ? `${from}: over after ${count} blocked calls.` : `${from}: ${summary}.`;
}

const noun = (protocol: Destination["protocol"]) =>
  protocol === "http" || protocol === "grpc" ? "request" : "connection";

function place(destination: Destination, names: readonly Name[]): string {
  const { host, address, port, claim } = destination;
  const suffix = port === null ? " on an unknown port" : `:${port}`;
  if (host !== null) return `${host}${suffix}`;
  const called = calledBy(names);
  const at = address === null ? "an address that no label shows" : `${bracketed(address)}${suffix}${called}`;
  return claim === null ? at : `${at} under a name that is no host name, "${claim}"`;
}

const isCalled = ({ host, address }: Destination, names: readonly Name[]): boolean =>
  host === null && address !== null && calledBy(names) !== "";

/** As in front of a port (RFC 3986). */
const bracketed = (address: string): string => (address.includes(":") ? `[${address}]` : address);

/** The best that is known of a bare address: its name, or at least whose it is. */
function calledBy(names: readonly Name[]): string {
  const best = names.find((one) => one.trust === "confirmed" && one.from !== "host" && one.from !== "sni");
  if (best?.from === "service-entry") return `, which a ServiceEntry in force calls ${best.name}`;
  if (best !== undefined) return `, which DNS confirms as ${best.name}`;
  const network = names.find(({ from }) => from === "range") ?? names.find(({ from }) => from === "asn");
  return network === undefined ? "" : `, an address of ${network.name}`;
}

function remarks({ address, host }: Destination, names: readonly Name[]): string[] {
  if (address === null || host !== null) return [];
  const kind = addressKind(address);
  const entry = names.find(({ from }) => from === "service-entry");
  if (kind === "istio-vip" && entry !== undefined) {
    return [
      `${address} is the address that Istio itself gave to that ServiceEntry (a VIP): it is not a place outside.`,
    ];
  }
  if (kind === "istio-vip") {
    return [
      `${address} is an address that Istio itself hands out to ServiceEntries (a VIP), probably of one that was changed or deleted: it is not a place outside.`,
    ];
  }
  if (kind === "private")
    return [`${address} is a private address: a data centre, a peered network, or a pod called by its IP.`];
  if (kind === "special")
    return [`${address} is a special-purpose address (loopback, link-local, multicast or reserved).`];
  return [];
}
