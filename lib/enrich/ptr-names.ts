/** Names an address by its PTR records, and believes none that its own name does not confirm (forward-confirmed reverse DNS). */

import type { Name, Trust } from "../model.ts";
import { insideReason, parseHost } from "../words/host.ts";
import { printable } from "../words/printable.ts";
import type { Agreement } from "./agreement.ts";
import { flag } from "./claims.ts";
import { answerLimits, type Lookup } from "./resolver.ts";

/** Whether a name answers to an address. */
export type Agree = (host: string, address: string) => Promise<Agreement>;

/** A look-up that nobody answered: what was asked, and why it failed. */
export interface Failure {
  asked: string;
  why: string;
}

export interface PtrNames {
  names: Name[];
  failures: Failure[];
}

/**
 * The names that the PTR records (`reverse`) of a canonical outside address give it, each judged (docs/names.md). Whoever owns an address
 * writes its PTR: a name of the inside or none at all is refused, a provider's own is generic, and the others are asked whether they
 * resolve back to the very address (RFC 1912 §2.1: PTR and A records match), which takes one party that controls both zones. A
 * neighbour in the same network is not enough: in a cloud it is another customer. An outage is a failure, never "no name".
 */
export async function ptrNames(address: string, reverse: Lookup, agree: Agree): Promise<PtrNames> {
  if (reverse.status === "failed")
    return { names: [], failures: [{ asked: `the PTR of ${address}`, why: reverse.why }] };
  if (reverse.status === "none") return { names: [], failures: [] };
  const texts = reverse.values.slice(0, answerLimits.names);
  const judged = await Promise.all(texts.map((text) => judge(text, address, agree)));
  return { names: judged.map(({ name }) => name), failures: judged.flatMap(({ failures }) => failures) };
}

interface Judged {
  name: Name;
  failures: Failure[];
}

async function judge(text: string, address: string, agree: Agree): Promise<Judged> {
  const named = `the PTR of ${address} says so`;
  const only = (name: string, trust: Trust, why: string): Judged => ({
    name: { name, from: "ptr", trust, why },
    failures: [],
  });
  // A backslash is an escape for a byte or a dot inside a label: such a text must not even be taken apart.
  const parsed = parseHost(text);
  if (text.includes("\\")) return only(printable(text), "refused", `${named}, but it holds escaped characters`);
  if (parsed.kind === "junk")
    return only(printable(text), "refused", `${named}, but it is no host name: ${parsed.why}`);
  if (parsed.kind === "address" || parsed.port !== null) {
    return only(printable(text), "refused", `${named}, but it is no host name: an address or a port`);
  }
  const { host } = parsed;
  const inside = insideReason(host);
  const { genericReason } = await import("./generic.ts");
  const generic = genericReason(host, address);
  // A reverse zone's own name is a slip of its owner's (389 of 90,557 counted), not an attempt to pass for the inside.
  const reverseZone = /\.(in-addr|ip6)\.arpa$/.test(host);
  if (inside !== null && !reverseZone) return only(host, "refused", `${named}, but that is ${inside}`);
  if (generic !== null) return only(host, "generic", `${named}: ${generic.why}`);
  const { trust, why, failure } = await agree(host, address);
  const failures = failure === null ? [] : [{ asked: `the address of ${host}`, why: failure }];
  return { name: { name: host, from: "ptr", trust, why: `${named}${why}${flag(host)}` }, failures };
}
