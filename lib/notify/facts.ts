/** What is known about a finding, as short lines for a person with two minutes. Pure; every channel shares it. */

import type { Destination, Finding, Name, NameFrom, Protocol, Trust } from "../model.ts";
import { type Chart, course, meanText, numbers } from "../words/chart.ts";
import { grouped } from "../words/grouped.ts";
import { type Mark, time } from "./headline.ts";

export interface Fact {
  label: string;
  text: string;
}

export const protocols: Record<Protocol, string> = { http: "HTTP", grpc: "gRPC", tls: "TLS", tcp: "TCP" };
/** The words of trust, from the best to the worst. */
export const trusts: Record<Trust, string> = {
  confirmed: "confirmed, DNS agrees with the address",
  claimed: "claimed, nothing speaks for or against it",
  generic: "generic, an infrastructure name",
  contradicted: "contradicted, DNS says otherwise",
  refused: "refused, not a name for the outside",
};
const origins: Record<NameFrom, string> = {
  host: "Host header",
  sni: "SNI",
  "service-entry": "ServiceEntry",
  forward: "DNS",
  ptr: "reverse DNS",
  range: "provider's address range",
  asn: "owner of the network",
};

/** A host name is at most 253 characters (RFC 1035): shown whole, since the end of a name says whose it is. */
const nameLength = 253;
const namesShown = 3;

/**
 * Who, where to, how sure, how often, since when, in this order; what does not apply is left out. At most 6 facts, each under
 * 2,000 characters (a field of a Slack section) as long as `mark` adds no more than its quotes. Throws nothing.
 */
export function facts(finding: Finding, mark: Mark, chart: Chart = numbers): Fact[] {
  const about: [string, string | null][] = [
    ["Who", who(finding, mark)],
    [finding.kind === "fan-out" ? "For example" : "Where to", finding.kind === "blind" ? null : whereTo(finding, mark)],
    ["How sure", finding.kind === "blind" ? null : howSure(finding, mark)],
    ["How often", finding.kind === "blind" ? null : howOften(finding, mark, chart)],
    ["Since", since(finding)],
    ["Finding", mark(finding.id, 80)],
  ];
  return about.flatMap(([label, text]) => (text === null ? [] : [{ label, text }]));
}

function who({ source }: Finding, mark: Mark): string | null {
  const cluster = source.cluster === "" ? null : `cluster ${mark(source.cluster, 120)}`;
  const workload = [source.namespace, source.workload].filter((part) => part !== "").join("/");
  if (workload === "") return cluster;
  return cluster === null ? mark(workload, 320) : `${mark(workload, 320)} in ${cluster}`;
}

function whereTo({ destination, addresses }: Finding, mark: Mark): string | null {
  const { host, address, port, claim, sni } = destination;
  const name = host ?? address ?? sni;
  if (name === null && claim === null) return null;
  const more = new Set([...addresses, address]).size - 1;
  return [
    name === null ? "an unknown address" : mark(name, nameLength),
    host !== null && address !== null ? `at ${mark(address, 60)}${more > 0 ? ` and ${more} more` : ""}` : null,
    port === null ? null : `port ${port}`,
    protocols[destination.protocol],
    sni !== null && sni !== name ? `SNI ${mark(sni, nameLength)}` : null,
    claim === null ? null : `called ${mark(claim, 120)} by the caller`,
    passage(destination),
  ]
    .filter((part) => part !== null)
    .join(", ");
}

export function passage(destination: Destination): string {
  return destination.verdict === "blocked" ? "blocked by the mesh" : "let through";
}

function howSure({ names, destination, kind }: Finding, mark: Mark): string | null {
  if (kind === "fan-out" && names.length === 0) return null;
  if (names.length === 0) return destination.host === null ? "no name found, only the address is known" : null;
  const lines = names.slice(0, namesShown).map((name) => trustIn(name, mark));
  const more = names.length - lines.length;
  return [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join("\n");
}

function trustIn(name: Name, mark: Mark): string {
  return `${mark(name.name, nameLength)}: ${trusts[name.trust]} (${origins[name.from]})`;
}

function howOften({ count, expected, recent, destination }: Finding, mark: Mark, chart: Chart): string {
  const unit = destination.protocol === "http" || destination.protocol === "grpc" ? "request" : "connection";
  const calls = `${grouped(count)} ${unit}${count === 1 ? "" : "s"}`;
  if (expected === null) return calls;
  return `${calls}, about ${meanText(expected.mean)} expected when it began (history: ${mark(expected.basis, 60)})${course([recent], chart)}`;
}

function since({ firstSeen, lastSeen }: Finding): string {
  const [first, last] = [time(firstSeen), time(lastSeen)];
  return first === last ? first : `${first}, last ${last}`;
}
