/** Host names: taken apart, checked, and asked what they are. Pure, and strict: nothing is trimmed, folded or guessed. */
import { parseAddress, parsePort } from "./address.ts";

/** A Host header, SNI or PTR answer, taken apart. `port` is null where none was written. */
export type ParsedHost =
  | { kind: "host"; host: string; port: number | null }
  | { kind: "address"; address: string; port: number | null }
  | { kind: "junk"; why: string };

/** What most names are, and canonical as it is: labels that begin and end well, the last of which begins with a letter. */
const plain = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
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
  if (text.length <= 253 && plain.test(text)) return { kind: "host", host: text, port: null };
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
