/** What entries do to each other where some namespace sees several: one host and port twice, one TCP port for two hosts. Pure. */
import ipaddr from "ipaddr.js";
import { parseAddress } from "../../words/address.ts";
import { printable } from "../../words/printable.ts";
import type { Entry, Port } from "./entry.ts";
import { type Found, found } from "./problem.ts";
import { isCidr, protocolClass } from "./spellings.ts";
import { type Claim, groupsSeenTogether } from "./together.ts";
import { allocates } from "./virtual-addresses.ts";

/** A port of an entry, and the host or listener that it lays claim to. */
interface PortClaim extends Claim {
  host: string;
  port: Port;
}

/** Takes entries in order; gives for each, by its place, what others do to it. Entries of one name count as the last of them. */
export function acrossProblems(entries: readonly Entry[]): Found[][] {
  const out: Found[][] = entries.map(() => []);
  const said = new Set<string>();
  const say: Say = (claim, code, path, message, once = path) => {
    const key = `${claim.entry} ${code} ${once}`;
    if (said.has(key)) return;
    said.add(key);
    out[claim.entry]?.push(found(code, path, message()));
  };
  const { inForce, replaced } = lastOfEachName(entries);
  for (const [place, problem] of replaced) out[place]?.push(problem);
  const claims = inForce.flatMap((place) => claimsOf(entries[place], place));
  for (const group of groupsSeenTogether(claims, ({ host, port }) => `${port.number} ${host}`))
    sameHost(group, entries, say);
  for (const group of groupsSeenTogether(listeners(claims, entries), ({ host, port }) => `${port.number} ${host}`)) {
    samePort(group, entries, say);
  }
  return out;
}

/** Of one entry, a code is said once at a place. The message is only made then: claims come in one group for each namespace. */
type Say = (claim: PortClaim, code: Found["code"], path: string, message: () => string, once?: string) => void;

function lastOfEachName(entries: readonly Entry[]): { inForce: number[]; replaced: [number, Found][] } {
  const last = new Map<string, number>();
  const keyOf = ({ namespace, name }: Entry, place: number) => (name === null ? `#${place}` : `${namespace}/${name}`);
  for (const [place, entry] of entries.entries()) last.set(keyOf(entry, place), place);
  const replaced = [...entries.entries()]
    .filter(([place, entry]) => last.get(keyOf(entry, place)) !== place)
    .map(([place, entry]): [number, Found] => {
      const message = `A later manifest is called ${printable(`${entry.namespace}/${entry.name}`)} too and replaces this one: what only this one has is gone.`;
      return [place, found("ES0410", "metadata.name", message)];
    });
  return { inForce: [...last.values()].sort((a, b) => a - b), replaced };
}

/** The API server takes no more hosts, and no more ports, in one entry (ES0109). */
const mostItems = 256;

function claimsOf(entry: Entry | undefined, place: number): PortClaim[] {
  if (entry === undefined || entry.hosts.length > mostItems || entry.ports.length > mostItems) return [];
  const scopes = scopesOf(entry);
  const hosts = entry.hosts.filter((host) => host !== null);
  return entry.ports.flatMap((port) =>
    port.number === null || port.protocol === null ? [] : hosts.map((host) => ({ entry: place, scopes, host, port })),
  );
}

/** Null: all namespaces. `~` is a scope like others, as `istioctl analyze` has it. */
function scopesOf({ exportTo, namespace }: Entry): readonly string[] | null {
  if (exportTo.length === 0 || exportTo.includes("*")) return null;
  return [...new Set(exportTo.map((one) => (one === "." ? namespace : (one ?? ""))))];
}

/** Kiali's KIA1211 and KIA1212 on each port; Istio's IST0177 once for an entry. */
function sameHost(group: readonly PortClaim[], entries: readonly Entry[], say: Say): void {
  const protocols = new Set(group.map(({ port }) => port.protocol?.toUpperCase() ?? ""));
  const said = [...protocols]
    .sort()
    .map((one) => (one === "" ? "none" : printable(one).slice(1, -1)))
    .join(", ");
  for (const claim of group) {
    const { host, port } = claim;
    const where = `${printable(host)} on port ${port.number}`;
    if (protocols.size === 1) {
      say(claim, "KIA1211", port.path, () => {
        const others = rivals(claim, group, entries);
        return others === ""
          ? `${where} is in this entry twice; once does the same.`
          : `${where} is in ${others} too: only one of them is in force, for endpoints and addresses alike.`;
      });
      continue;
    }
    const message = () =>
      `${where} has several protocols (${said}), ${["here", rivals(claim, group, entries)].filter((one) => one !== "").join(" and in ")}: only one of them is in force, and traffic of the others fails or goes elsewhere.`;
    say(claim, "IST0177", `${port.path}.protocol`, message, "");
    say(claim, "KIA1212", port.path, message);
  }
}

/** Listeners of TCP: on all addresses where the entry has none, else on each of its own. One host alone is no conflict here. */
function listeners(claims: readonly PortClaim[], entries: readonly Entry[]): PortClaim[] {
  const one = new Map<Port, PortClaim>();
  for (const claim of claims) if (!one.has(claim.port)) one.set(claim.port, claim);
  return [...one.values()].flatMap((claim): PortClaim[] => {
    if (!["tcp", "database", "sniffed"].includes(protocolClass(claim.port.protocol ?? ""))) return [];
    const addresses = (entries[claim.entry]?.addresses ?? []).filter((address) => address !== null);
    return addresses.length === 0
      ? [{ ...claim, host: "" }]
      : [...new Set(addresses.map(rangeOf))].map((host) => ({ ...claim, host }));
  });
}

/** `203.0.113.7/24` → `203.0.113.0/24`: listeners are told apart after masking. What is no address stays as it is. */
function rangeOf(address: string): string {
  if (!isCidr(address)) return parseAddress(address) ?? address;
  const [network, bits] = ipaddr.parseCIDR(address);
  const [most, masked] =
    network.kind() === "ipv4"
      ? [32, ipaddr.IPv4.networkAddressFromCIDR(address)]
      : [128, ipaddr.IPv6.networkAddressFromCIDR(address)];
  return bits === most ? (parseAddress(network.toString()) ?? address) : `${masked}/${bits}`;
}

function samePort(group: readonly PortClaim[], entries: readonly Entry[], say: Say): void {
  const owners = [...new Set(group.map(({ entry }) => entries[entry]))].filter((one) => one !== undefined);
  if (owners.length < 2 || new Set(owners.flatMap(({ hosts }) => hosts)).size < 2) return;
  const isHelped = owners.every(allocates);
  for (const claim of group) {
    const { host, port } = claim;
    say(claim, "ES0403", port.path, () => {
      const place = `TCP port ${port.number} ${host === "" ? "without addresses" : `of ${printable(host)}`}`;
      const unless = host === "" && isHelped ? ", unless DNS capture gives each host an address of its own" : "";
      return `${place} is in ${rivals(claim, group, entries)} too: a sidecar heeds one of them and sends it the traffic of all${unless}.`;
    });
  }
}

/** The other entries of a group by name, three of them at most; empty where there is none. */
function rivals({ entry }: PortClaim, group: readonly PortClaim[], entries: readonly Entry[]): string {
  const others: number[] = [];
  let more = false;
  for (const other of group) {
    if (other.entry === entry || others.includes(other.entry)) continue;
    if (others.length === 3) {
      more = true;
      break;
    }
    others.push(other.entry);
  }
  const names = others.map((place) => nameOf(entries[place]));
  return more ? `${names.join(", ")} and others` : names.join(", ").replace(/, ([^,]*)$/, " and $1");
}

const nameOf = (entry: Entry | undefined): string =>
  printable(`${entry?.namespace}/${entry?.name ?? "(generated)"}`).slice(1, -1);
