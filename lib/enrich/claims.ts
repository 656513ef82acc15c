/** The names a workload gives its destination: Host header and SNI. It can write there what it likes, so they are claims. Pure. */

import type { Destination, Name } from "../model.ts";
import { insideReason, isInternationalized, parseHost } from "../words/host.ts";
import { printable } from "../words/printable.ts";

const written = { host: "the workload's Host header", sni: "the workload's SNI" };

/**
 * Host and SNI of a destination as names, `claimed` or `refused` (in-cluster, special-use, no host name at all); none where the
 * workload named nobody. With an SNI the host is the SNI, and is one name, not two. Asks nobody: a look-up
 * of a name that a workload wrote would carry whatever it put there out of the cluster.
 */
export function claimedNames(destination: Destination): Name[] {
  const { host, sni, claim, protocol } = destination;
  const names: Name[] = [];
  if (sni !== null) names.push(judge(sni, "sni"));
  if (host !== null && host !== sni) names.push(judge(host, protocol === "tls" && sni === null ? "sni" : "host"));
  if (claim !== null) names.push(noName(claim, protocol === "http" || protocol === "grpc" ? "host" : "sni"));
  return names;
}

function judge(text: string, from: "host" | "sni"): Name {
  const parsed = parseHost(text);
  if (parsed.kind !== "host") return noName(text, from);
  const name = parsed.host;
  const inside = insideReason(name);
  if (inside !== null) return { name, from, trust: "refused", why: `${written[from]} says so, but that is ${inside}` };
  return { name, from, trust: "claimed", why: `${written[from]} says so; nothing confirms it${flag(name)}` };
}

function noName(text: string, from: "host" | "sni"): Name {
  const parsed = parseHost(text);
  const fault = parsed.kind === "junk" ? `: ${parsed.why}` : "";
  return { name: safe(text), from, trust: "refused", why: `${written[from]} holds no host name${fault}` };
}

/** Observing has made a claim printable already, and a second time would bury it under backslashes. */
function safe(text: string): string {
  return /^[ -%'-;=?-_a-~]{1,130}$/.test(text) ? text : printable(text);
}

/** What a person should know of a name spelt in punycode, which may look like another when decoded. */
export function flag(host: string): string {
  return isInternationalized(host) ? "; an internationalized name, shown undecoded" : "";
}
