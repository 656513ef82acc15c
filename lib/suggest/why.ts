/** The evidence behind a suggestion, in short sentences: the finding's own first. */
import type { Finding, Protocol, Source } from "../model.ts";
import { databaseReason } from "./databases.ts";
import type { Evidence, Group } from "./evidence.ts";
import type { Port } from "./ports.ts";
import { safe } from "./provenance.ts";
import { confirmedNames, hostTrust } from "./trust.ts";

const mostOthers = 5;
const spoken: Record<Protocol, string> = { http: "HTTP", grpc: "gRPC", tls: "TLS", tcp: "TCP" };

/** Takes the finding, its group and the group's ports; every sentence is printable ASCII. Throws nothing. */
export function why(finding: Finding, group: Group, ports: readonly Port[]): string[] {
  const { host } = finding.destination;
  const sentences = [seen(finding)];
  if (host !== null && hostTrust(host, finding.names) === "confirmed") {
    sentences.push(`DNS agrees that ${host} is at the address that was dialled.`);
  }
  const name =
    host === null && group.entry.address === null
      ? confirmedNames(finding).find((one) => one.name === group.entry.host)
      : undefined;
  if (name !== undefined)
    sentences.push(
      `${group.entry.host} is what ${source[name.from] ?? "DNS"} calls that address, and it is confirmed.`,
    );
  return [...sentences, ...others(finding, group), ...databases(ports), ...resolution(group, ports)];
}

const source: Partial<Record<string, string>> = {
  "service-entry": "a ServiceEntry in force",
  forward: "the DNS",
  ptr: "the reverse DNS",
};

function seen(finding: Finding): string {
  const { destination, count } = finding;
  const from = `from ${caller(finding.source)}`;
  const often = count === 1 ? "once" : `${count} times`;
  const blocked = destination.verdict === "blocked" ? ", blocked" : "";
  const port = `port ${destination.port}`;
  const what = destination.host ?? destination.address;
  if (destination.protocol === "tls") return `SNI ${what} seen ${often} ${from}, ${port}${blocked}.`;
  if (destination.protocol !== "tcp") {
    const grpc = destination.protocol === "grpc" ? " of gRPC calls" : "";
    return `Host header ${what}${grpc} seen ${often} ${from}, ${port}${blocked}.`;
  }
  return `TCP connection to ${destination.address} seen ${often} ${from}, ${port}${blocked}.`;
}

function caller(from: Pick<Source, "namespace" | "workload">): string {
  return safe(`${from.namespace}/${from.workload}`);
}

/** The ports that are in the manifest on other evidence, so that nobody wonders where they are from. */
function others(finding: Finding, group: Group): string[] {
  const all = group.evidence.filter((one) => one.key !== finding.key);
  const sentence = (one: Evidence): string =>
    `Port ${one.port} (${spoken[one.protocol]}) is also known from ${caller({ namespace: group.namespace, workload: one.workload })}.`;
  // A group may hold thousands of workloads, and every finding of it comes here: write no more than is shown.
  const shown = [...new Set(all.slice(0, mostOthers).map(sentence))];
  const rest = all.length - mostOthers;
  return rest > 0 ? [...shown, `${rest} more like ${rest === 1 ? "this is" : "these are"} known.`] : shown;
}

function databases(ports: readonly Port[]): string[] {
  return ports.flatMap(({ number, protocol }) => (protocol === "TCP" ? (databaseReason(number) ?? []) : []));
}

function resolution(group: Group, ports: readonly Port[]): string[] {
  const isTcp = ports.every((port) => port.protocol === "TCP");
  if (group.entry.address === null) {
    if (isTcp)
      return ["Resolution DNS: connections go to where the name resolves at the time, wherever they were dialled."];
    return ["Resolution DNS: Envoy looks the name up itself, so that a forged name leads to no other place."];
  }
  if (isTcp) {
    return ["Resolution NONE with the one address: connections go where they were dialled, and nothing else matches."];
  }
  return [
    "Resolution STATIC with the one endpoint: with NONE the Host header alone would open any address on that port.",
  ];
}
