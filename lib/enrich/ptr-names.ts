/** Names an address by its PTR records, and believes none that its own name does not confirm (forward-confirmed reverse DNS). */
import { addressKind, parseAddress } from "../address.ts";
import { insideReason, parseHost } from "../host.ts";
import type { Name, Trust } from "../model.ts";
import { printable } from "../printable.ts";
import { flag } from "./claims.ts";
import { genericReason } from "./generic.ts";
import { answerLimits, type Lookup, type Resolver } from "./resolver.ts";

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
 * The names that the PTR records of a canonical outside address give it, each judged (contract §2, Trust). Whoever owns an address
 * writes its PTR: a name of the inside or none at all is refused, a provider's own is generic, and the others are asked whether they
 * resolve back to the very address (RFC 1912 §2.1: PTR and A records match), which takes one party that controls both zones. A
 * neighbour in the same network is not enough: in a cloud it is another customer. An outage is a failure, never "no name".
 */
export async function ptrNames(address: string, resolver: Resolver): Promise<PtrNames> {
  const reverse = await resolver.reverse(address);
  if (reverse.status === "failed")
    return { names: [], failures: [{ asked: `the PTR of ${address}`, why: reverse.why }] };
  if (reverse.status === "none") return { names: [], failures: [] };
  const texts = reverse.values.slice(0, answerLimits.names);
  const judged = await Promise.all(texts.map((text) => judge(text, address, resolver)));
  return { names: judged.map(({ name }) => name), failures: judged.flatMap(({ failures }) => failures) };
}

interface Judged {
  name: Name;
  failures: Failure[];
}

async function judge(text: string, address: string, resolver: Resolver): Promise<Judged> {
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
  const generic = genericReason(host, address);
  // A reverse zone's own name is a slip of its owner's (389 of 90,557 counted), not an attempt to pass for the inside.
  const reverseZone = /\.(in-addr|ip6)\.arpa$/.test(host);
  if (inside !== null && !reverseZone) return only(host, "refused", `${named}, but that is ${inside}`);
  if (generic !== null) return only(host, "generic", `${named}: ${generic.why}`);
  const forward = await resolver.forward(host, address.includes(":") ? 6 : 4);
  const { trust, why } = confirmation(forward, address);
  const failures = forward.status === "failed" ? [{ asked: `the address of ${host}`, why: forward.why }] : [];
  return { name: { name: host, from: "ptr", trust, why: `${named}${why}${flag(host)}` }, failures };
}

/** What the forward answer says about the address: the trust, and the second half of the sentence. */
function confirmation(forward: Lookup, address: string): { trust: Trust; why: string } {
  if (forward.status === "failed")
    return { trust: "claimed", why: `; whether it resolves back is not known: ${forward.why}` };
  if (forward.status === "none") return { trust: "claimed", why: "; it does not resolve, so nothing confirms it" };
  const values = forward.values.map(parseAddress).filter((value) => value !== null);
  const back = values.includes(address);
  const inner = values.find((value) => addressKind(value) !== "outside");
  if (inner !== undefined && addressKind(inner) === "istio-vip") {
    return { trust: "claimed", why: "; Istio's DNS proxy answered for it, which confirms nothing" };
  }
  if (inner !== undefined) {
    const rebinding = `${inner}, which is not outside: DNS rebinding confirms nothing`;
    return back
      ? { trust: "claimed", why: ` and it resolves back, but also to ${rebinding}` }
      : { trust: "contradicted", why: `, but it resolves to ${rebinding}` };
  }
  if (back) return { trust: "confirmed", why: `, and it resolves back to ${address}` };
  if (values.length >= answerLimits.addresses) {
    return { trust: "claimed", why: `; it resolves to so many addresses that whether ${address} is one is not known` };
  }
  return { trust: "contradicted", why: `, but it resolves to ${someOf(values)}` };
}

function someOf(values: readonly string[]): string {
  const rest = values.length - 2;
  return `${values.slice(0, 2).join(" and ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}
