/** Host names: taken apart, checked, and asked what they are. Pure, and strict: nothing is trimmed, folded or guessed. */
import * as tldts from "tldts";
import { parseAddress, parsePort } from "./address.ts";
import { isAboveShared, sharedSuffix } from "./shared-tenants.ts";

/** A Host header, SNI or PTR answer, taken apart. `port` is null where none was written. */
export type ParsedHost =
  | { kind: "host"; host: string; port: number | null }
  | { kind: "address"; address: string; port: number | null }
  | { kind: "junk"; why: string };

const label = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

/** RFC 6761 and RFC 6762 special-use names, ICANN's `internal`, and what Kubernetes and home routers use: never outside. */
const insideSuffixes = [
  "cluster.local",
  "svc",
  "local",
  "localhost",
  "internal",
  "localdomain",
  "home.arpa",
  "lan",
  "invalid",
];

const junk = (why: string): ParsedHost => ({ kind: "junk", why });

/**
 * Takes a Host header apart (RFC 9110 §7.2, RFC 3986 §3.2.2): `name`, `name:port`, IPv4, `IPv4:port`, `[IPv6]`, `[IPv6]:port`.
 * A name is RFC 1123, of two labels or more, at most 253 characters, the last label not all digits; it comes back in lower
 * case without its one trailing dot. Punycode labels stay as they are. Everything else is junk, with the reason.
 */
export function parseHost(text: string): ParsedHost {
  if (text === "") return junk("empty");
  const whole = parseAddress(text);
  if (whole !== null) return { kind: "address", address: whole, port: null };
  const colon = text.lastIndexOf(":");
  const port = colon === -1 ? null : parsePort(text.slice(colon + 1));
  if (colon !== -1 && port === null) return junk("what follows the colon is no port");
  const bare = colon === -1 ? text : text.slice(0, colon);
  const address = bare.includes(":") && !bare.startsWith("[") ? null : parseAddress(bare);
  if (address !== null) return { kind: "address", address, port };
  const why = nameFault(bare);
  return why === null ? { kind: "host", host: canonicalName(bare), port } : junk(why);
}

function canonicalName(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith(".") ? lower.slice(0, -1) : lower;
}

function nameFault(text: string): string | null {
  if (!/^[A-Za-z0-9.-]+$/.test(text)) return "holds a character that no host name has";
  const name = canonicalName(text);
  if (name.length > 253) return "longer than 253 characters";
  const labels = name.split(".");
  if (labels.some((one) => one === "")) return "an empty label";
  if (labels.some((one) => one.length > 63)) return "a label longer than 63 characters";
  if (!labels.every((one) => label.test(one))) return "a label begins or ends with a hyphen";
  // Or hexadecimal, which some resolvers take for the last part of an IPv4 address (WHATWG URL, "ends in a number").
  if (/^(\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? "")) return "the last label is a number";
  if (labels.length < 2 && name !== "localhost") return "a single label";
  return null;
}

/** Why a canonical host name cannot be a host outside the mesh (in-cluster, special-use, reverse zone); null where it can. */
export function insideReason(host: string): string | null {
  if (/^([^.]+\.){2,3}svc(\.|$)/.test(host)) return "a Kubernetes service name";
  const suffix = insideSuffixes.find((one) => host === one || host.endsWith(`.${one}`));
  if (suffix !== undefined) return `.${suffix} is not a name for the outside`;
  if (/\.(in-addr|ip6)\.arpa$/.test(host)) return "a reverse zone's own name";
  return null;
}

/** Carries a punycode label: shown as it is, never decoded, and flagged. */
export function isInternationalized(host: string): boolean {
  return host.split(".").some((one) => one.startsWith("xn--"));
}

/**
 * The registrable domain (public suffix plus one label) of a canonical host name, the private section of the public suffix list
 * included; null where the name is itself a suffix or under no known one.
 */
export function registrableDomain(host: string): string | null {
  const parsed = tldts.parse(host, { allowPrivateDomains: true, extractHostname: false, validateHostname: false });
  return parsed.isIcann || parsed.isPrivate ? parsed.domain : null;
}

/** Four numbers that may be an address: the name of one machine of many. */
const machine = /(?<!\d)(?:\d{1,3}[.-]){3}\d{1,3}(?!\d)/;

/**
 * The registrable domain of a canonical host name whose wildcard would cover one party's names and no others; null where there is
 * none, and then `wildcardFault` says why. Safe in principle: whose the domain is, and whether all of it is wanted, only people know.
 */
export function wildcardDomain(host: string): string | null {
  return wildcardFault(host) === null ? registrableDomain(host) : null;
}

/** Why no wildcard may stand for a host name: not even its own domain's; null where its domain's may. Throws nothing. */
export function wildcardFault(host: string): string | null {
  const parsed = parseHost(host);
  if (parsed.kind !== "host" || parsed.host !== host) return "it is no host name";
  const inside = insideReason(host);
  if (inside !== null) return inside;
  const suffix = sharedSuffix(host);
  if (suffix !== null) return `${suffix} is shared: every customer of its owner has names under it`;
  const domain = registrableDomain(host);
  if (domain === null) return "it is a public suffix, or under none that is known";
  if (isAboveShared(domain)) return `under ${domain} customers of its owner have names`;
  return machine.test(host) ? "an address is in the name, as in those of one machine of many" : null;
}
