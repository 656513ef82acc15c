/** The patterns of a policy's lists: a name, `*.suffix`, `prefix*` or `*`, as Istio's `connection.sni` has them. Pure. */
import { parseAddress } from "../words/address.ts";

export interface Pattern {
  kind: "exact" | "suffix" | "prefix" | "any";
  /** Lower case: the name; `.suffix` with its dot; the prefix; empty for `*`. */
  text: string;
  /** As it is compared and as Istio takes it. */
  written: string;
}

/** Underscores and single labels are no host names, but an SNI may hold them all the same. */
const label = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?";
const name = new RegExp(`^${label}(?:\\.${label})*$`);
/** What a name may begin with: whole labels, and maybe a part of one. */
const beginning = new RegExp(`^(?:${label}\\.)*[a-z0-9_][a-z0-9_-]{0,62}$|^(?:${label}\\.)+$`);
const longest = 253;

const allowed = "a host name, *.suffix, prefix* or *";

/**
 * A pattern as it is compared, or what is wrong with it as a phrase that follows "must be". Capitals are taken in lower case, as Envoy
 * sees an SNI. Refused is what Istio does not take (a star in the middle, two stars; istio pilot/pkg/security/authz/matcher/string.go)
 * and what could never match, or would match more than it seems to: `*example.com`, which for Istio is also `notexample.com`.
 */
export function parsePattern(text: string): Pattern | { fault: string } {
  const written = text.toLowerCase();
  if (written === "*") return { kind: "any", text: "", written };
  if (/[^\x21-\x7e]/.test(text)) return { fault: `${allowed} in ASCII${asciiOf(text)}` };
  const bare = written.replace(/^\*|\*$/, "");
  if (bare.includes("*")) return { fault: `${allowed}: one star, at the beginning or at the end` };
  if (bare.length > longest) return { fault: `${allowed}, of ${longest} characters at most` };
  if (written.startsWith("*")) {
    if (bare.startsWith(".") && name.test(bare.slice(1))) return { kind: "suffix", text: bare, written };
    return { fault: name.test(bare) ? `${allowed}: *.${bare}, since *${bare} is not${bare} as well` : allowed };
  }
  if (written.endsWith("*")) {
    return beginning.test(bare) ? { kind: "prefix", text: bare, written } : { fault: allowed };
  }
  if (parseAddress(bare) !== null) return { fault: `${allowed}: policies compare names, and an address is none` };
  return name.test(bare)
    ? { kind: "exact", text: bare, written }
    : { fault: `${allowed}, without port or trailing dot` };
}

/** How an internationalized name is spelt on the wire, for people to copy. */
function asciiOf(text: string): string {
  const stars = /^(\*\.)?(.*?)(\*?)$/s.exec(text);
  const url = `http://${stars?.[2] ?? ""}`;
  const host = URL.canParse(url) ? new URL(url).hostname : "";
  return host.startsWith("xn--") || host.includes(".xn--") ? `: ${stars?.[1] ?? ""}${host}${stars?.[3] ?? ""}` : "";
}
