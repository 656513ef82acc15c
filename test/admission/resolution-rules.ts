/** Rules 16 to 25 of Istio's validation (istio.md §4.1): what each resolution allows. */
import { fqdn, hostFault, ip, isHttp, isTcp, isTls } from "./names.ts";
import { type Endpoint, error, type Port, type Problem, type View, warning } from "./view.ts";

export function resolutionRules(entry: View): Problem[] {
  const rules: Record<string, (entry: View) => Problem[]> = {
    NONE: none,
    STATIC: statics,
    DNS: dns,
    DNS_ROUND_ROBIN: dns,
    DYNAMIC_DNS: dynamic,
  };
  return [...(rules[entry.resolution]?.(entry) ?? []), ...severalHosts(entry)];
}

const protocols = ({ ports }: View): string[] =>
  ports.filter((one): one is Port => one !== null).map((one) => one.protocol);

function none({ endpoints, selector }: View): Problem[] {
  const out = endpoints.length > 0 ? [error("16", "NONE with endpoints")] : [];
  return selector === null ? out : [...out, warning("17", "NONE with workloadSelector")];
}

/** Rule 19 is that there is none: STATIC without endpoints passes, and answers 503 at run time. */
function statics(entry: View): Problem[] {
  return entry.endpoints.flatMap((endpoint) => {
    if (endpoint === null) return [error("18", "a null endpoint")];
    const { address, network, ports, labels } = endpoint;
    const out = unknownPorts("18", endpoint, entry);
    if (address === "")
      out.push(network === "" ? error("18", "no address") : warning("18", "an endpoint without an address"));
    if (address.startsWith("unix://")) {
      if (!/^unix:\/\/[/@]/.test(address)) out.push(error("18", "a unix path that is not absolute"));
      if (ports.length > 0 || entry.ports.length !== 1) out.push(error("18", "a unix endpoint and ports"));
    } else if (address !== "" && !ip(address)) out.push(error("18", `${address} is no IP address`));
    const bad = labels.find(([, value]) => !/^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/.test(value));
    if (bad !== undefined) out.push(error("18", `label ${bad}`));
    return out;
  });
}

function unknownPorts(rule: string, endpoint: Endpoint, entry: View): Problem[] {
  const known = new Set(entry.ports.map((one) => one?.name));
  return endpoint.ports
    .filter(([name]) => !known.has(name))
    .map(([name]) => error(rule, `port ${name} is not one of the entry`));
}

function dns(entry: View): Problem[] {
  const { hosts, addresses, endpoints, resolution } = entry;
  const out: Problem[] = [];
  const wild = hosts.find((host) => !fqdn(host));
  if (endpoints.length === 0 && wild !== undefined) out.push(error("20", `${wild} is no plain host name`));
  if (resolution === "DNS_ROUND_ROBIN" && endpoints.length > 1) out.push(error("21", "more than one endpoint"));
  for (const endpoint of endpoints) {
    if (endpoint === null) continue;
    const { address } = endpoint;
    if (!ip(address) && (!fqdn(address) || hostFault(address) !== null)) out.push(error("22", `endpoint ${address}`));
    out.push(...unknownPorts("22", endpoint, entry));
  }
  if (addresses.length > 0 && hosts.length > 1 && protocols(entry).some(isTcp))
    out.push(warning("23", "addresses shared by hosts"));
  return out;
}

function dynamic(entry: View): Problem[] {
  const { hosts, addresses, endpoints, labels, location } = entry;
  const out: Problem[] = [];
  if (!hosts.every((host) => host.startsWith("*"))) out.push(error("24", "a host without a wildcard"));
  if (addresses.length > 0 || endpoints.length > 0) out.push(error("24", "addresses or endpoints"));
  const odd = protocols(entry).find((one) => !["HTTP", "TLS", "GRPC", "HTTP2"].includes(one.toUpperCase()));
  if (odd !== undefined) out.push(error("24", `protocol ${odd}`));
  const waypoint = labels.get("istio.io/use-waypoint");
  if (location === "MESH_INTERNAL" && waypoint !== undefined && waypoint !== "none")
    out.push(error("24", "a waypoint for an internal one"));
  return out;
}

function severalHosts(entry: View): Problem[] {
  if (entry.resolution === "NONE" || entry.hosts.length < 2) return [];
  const odd = protocols(entry).some((protocol) => !isHttp(protocol) && !isTls(protocol));
  return odd ? [error("25", "multiple hosts provided with non-HTTP, non-TLS ports")] : [];
}
