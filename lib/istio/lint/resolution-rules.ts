/** What istiod's webhook refuses or warns of for each resolution (istio pkg/config/validation ValidateServiceEntry). Pure. */
import { printable } from "../../words/printable.ts";
import type { Resolution } from "../api.ts";
import { dynamicDnsProblems } from "./dynamic-dns-rules.ts";
import type { Endpoint, Entry } from "./entry.ts";
import { type Found, found, keyed, refusals } from "./problem.ts";
import { fqdnFault, hostFault, isAddress, protocolClass } from "./spellings.ts";

const refuse = refusals("istiod");

const rules: Record<Resolution, (entry: Entry) => Found[]> = {
  NONE: none,
  STATIC: (entry) => [...entry.endpoints.flatMap((one) => staticEndpoint(one, entry)), ...endpointNames(entry)],
  DNS: dns,
  DNS_ROUND_ROBIN: dns,
  DYNAMIC_DNS: dynamicDnsProblems,
};

/** Takes an entry and gives what istiod says of its resolution with the rest. */
export function resolutionProblems(entry: Entry): Found[] {
  return entry.resolution === null ? [] : rules[entry.resolution](entry);
}

function none({ selector }: Entry): Found[] {
  if (selector === null) return [];
  const message = "The workloadSelector does nothing: resolution NONE forwards to the address that was dialled.";
  return [found("ES0303", "spec.workloadSelector", message)];
}

/** No endpoints at all are accepted without a word (traps.ts has one). */
function staticEndpoint({ path, address, network }: Endpoint, entry: Entry): Found[] {
  if (address === null || network === null) return [];
  const at = `${path}.address`;
  if (address === undefined || address === "") {
    if (network !== undefined && network !== "") {
      return [
        found(
          "ES0304",
          at,
          "The endpoint has no address: it is reached through its network's gateway, and without one not at all.",
        ),
      ];
    }
    return address === undefined && network === undefined ? [] : [refuse("ES0206", at, "an endpoint needs an address")];
  }
  if (address.startsWith("unix://")) {
    const names = new Set(entry.ports.map(({ name }) => name));
    return names.size === 1
      ? []
      : [refuse("ES0209", "spec.ports", "with a Unix socket as endpoint the entry has one port")];
  }
  return isAddress(address)
    ? []
    : [refuse("ES0206", at, `with resolution STATIC ${printable(address)} would have to be an IP address`)];
}

/** What an endpoint's ports and labels are called. */
function endpointNames({ endpoints, ports }: Entry): Found[] {
  const known = new Set(ports.map(({ name }) => name));
  return endpoints.flatMap((endpoint) => [
    ...endpoint.ports
      .filter(([name]) => !known.has(name) && !known.has(null))
      .map(([name]) =>
        refuse(
          "ES0208",
          `${endpoint.path}.ports${keyed(name)}`,
          `the entry itself has no port named ${printable(name)}`,
        ),
      ),
    ...endpoint.labels
      .filter(([key, value]) => !isTag(key) || (value !== null && !tagValue.test(value)))
      .map(([key]) => refuse("ES0210", `${endpoint.path}.labels${keyed(key)}`, "it is no Kubernetes label")),
  ]);
}

const tagValue = /^(?:(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const tagKey =
  /^([a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?)*\/)?((?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$/;

function isTag(key: string): boolean {
  const [, prefix = "", name = ""] = tagKey.exec(key) ?? [];
  return name !== "" && name.length <= 63 && prefix.length <= 254;
}

function dns(entry: Entry): Found[] {
  const { hosts, endpoints, addresses, ports } = entry;
  const out = endpoints.length > 0 ? [] : unresolvable(entry);
  for (const { path, address } of endpoints) {
    if (address === null || (address !== undefined && (isAddress(address) || fqdnFault(address) === null))) continue;
    const what = `with resolution ${entry.resolution} an endpoint's address is a name or an IP address`;
    out.push(refuse("ES0207", `${path}.address`, what));
  }
  out.push(...endpointNames(entry));
  const shared = ports.find(
    ({ protocol }) => protocol !== null && ["tcp", "database", "tls"].includes(protocolClass(protocol)),
  );
  if (addresses.length > 0 && hosts.length > 1 && shared !== undefined) {
    const message = `Whatever is dialled at these addresses on port ${shared.number} goes to one of the ${hosts.length} hosts, and not always to the one that was meant.`;
    out.push(found("ES0305", shared.path, message));
  }
  return out;
}

/** Only what is a host otherwise: the rest is refused as none. */
function unresolvable({ hosts, resolution }: Entry): Found[] {
  return hosts.flatMap((host, at) => {
    if (host === null || host === "*" || hostFault(host) !== null || fqdnFault(host) === null) return [];
    const what = `with resolution ${resolution} and no endpoints ${printable(host)} would have to be a name that DNS can answer`;
    return [refuse("ES0211", `spec.hosts[${at}]`, what)];
  });
}
