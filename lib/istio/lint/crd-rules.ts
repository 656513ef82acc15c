/** The CRD's rules beyond its shape (its CEL, and the keys of its lists), which the API server applies even without istiod. Pure. */
import { printable } from "../../words/printable.ts";
import type { Code } from "./codes.ts";
import type { Endpoint, Entry, Port } from "./entry.ts";
import { type Found, keyed, refusals } from "./problem.ts";

const refuse = refusals("The API server");

/** Takes an entry and gives what the CRD refuses in it, its shape aside. */
export function crdProblems(entry: Entry): Found[] {
  return [
    ...hostProblems(entry),
    ...addressProblems(entry),
    ...entry.ports.flatMap(portNumbers),
    ...portTwice(entry, "name", "ES0113"),
    ...portTwice(entry, "number", "ES0114"),
    ...togetherProblems(entry),
    ...entry.endpoints.flatMap(endpointProblems),
    ...selectorProblems(entry),
  ];
}

function hostProblems({ hosts, has }: Entry): Found[] {
  if (has.has("hosts") && hosts.length === 0) return [refuse("ES0111", "spec.hosts", "it has no host")];
  return hosts.flatMap((host, at) =>
    host === "*" ? [refuse("ES0111", `spec.hosts[${at}]`, "the host * would be the whole world")] : [],
  );
}

function addressProblems({ addresses, resolution }: Entry): Found[] {
  if (resolution === null || resolution === "NONE" || resolution === "STATIC") return [];
  return addresses.flatMap((address, at) => {
    if (address?.includes("/") !== true) return [];
    const what = `with resolution ${resolution} an address is one address, and a CIDR goes with NONE or STATIC alone`;
    return [refuse("ES0115", `spec.addresses[${at}]`, what)];
  });
}

/** No port, and yet a number that fits (shape.ts complains of the others). */
const isNoPort = (port: number): boolean =>
  port === 0 || (Number.isInteger(port) && port > 65535 && port <= 0xffffffff);

function portNumbers({ path, number, targetPort }: Port): Found[] {
  return Object.entries({ number, targetPort }).flatMap(([field, port]) =>
    port !== null && isNoPort(port) ? [refuse("ES0112", `${path}.${field}`, `${port} is no port (1 to 65535)`)] : [],
  );
}

function portTwice({ ports }: Entry, field: "name" | "number", code: Code): Found[] {
  const seen = new Set<string | number>();
  return ports.flatMap((port) => {
    const value = port[field];
    if (value === null) return [];
    const isTwice = seen.has(value);
    seen.add(value);
    const said = typeof value === "string" ? printable(value) : value;
    return isTwice ? [refuse(code, `${port.path}.${field}`, `two ports have the ${field} ${said}`)] : [];
  });
}

/** Each asks what is there, not what is in it: an empty list counts. */
function togetherProblems({ has, resolution, endpoints }: Entry): Found[] {
  const out: Found[] = [];
  if (has.has("workloadSelector") && has.has("endpoints")) {
    out.push(refuse("ES0116", "spec.endpoints", "it has endpoints and a workloadSelector, and may have one of them"));
  }
  if (resolution === "NONE" && has.has("endpoints")) {
    const what =
      "resolution NONE forwards to the address that was dialled, and leaves no place for endpoints, not even for an empty list";
    out.push(refuse("ES0117", "spec.endpoints", what));
  }
  if (resolution === "DNS_ROUND_ROBIN" && endpoints.length > 1) {
    out.push(refuse("ES0118", "spec.endpoints", "resolution DNS_ROUND_ROBIN has one endpoint at most"));
  }
  return out;
}

const portName = /^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$/;

function endpointProblems({ path, address, network, ports, ...endpoint }: Endpoint): Found[] {
  const out: Found[] = [];
  if (address === undefined && network === undefined) {
    out.push(refuse("ES0119", path, "an endpoint has an address, or at least a network"));
  }
  if (address?.startsWith("unix://") === true) out.push(...unixProblems(path, address, endpoint.hasPorts));
  for (const [name, number] of ports) {
    const at = `${path}.ports${keyed(name)}`;
    if (name.length >= 63 || !portName.test(name)) {
      out.push(
        refuse("ES0121", at, `${printable(name)} is no name of a port (letters, digits and hyphens, 62 at most)`),
      );
    }
    if (number !== null && isNoPort(number)) out.push(refuse("ES0112", at, `${number} is no port (1 to 65535)`));
  }
  return out;
}

function unixProblems(path: string, address: string, hasPorts: boolean): Found[] {
  const socket = address.slice("unix://".length);
  const out: Found[] = [];
  if (!/^[/@]/.test(socket)) {
    out.push(refuse("ES0120", `${path}.address`, "a Unix socket is an absolute path or an abstract one (@name)"));
  } else if (socket.endsWith("/")) {
    out.push(refuse("ES0120", `${path}.address`, "a Unix socket is no folder"));
  }
  if (hasPorts) out.push(refuse("ES0120", `${path}.ports`, "a Unix socket has no ports"));
  return out;
}

function selectorProblems({ selector }: Entry): Found[] {
  return (selector ?? []).flatMap(([key, value]) =>
    value?.includes("*") === true
      ? [refuse("ES0122", `spec.workloadSelector.labels${keyed(key)}`, "a workloadSelector knows no wildcards")]
      : [],
  );
}
