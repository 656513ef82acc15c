/** Whose network an address is in, by the providers' lists, the AS, or the provider's own PTR name. Pure but for who is asked. */

import type { Name } from "../model.ts";
import { insideReason, parseHost } from "../words/host.ts";
import { answerLimits, type Lookup, type Resolver } from "./resolver.ts";

/** Tells whose an address is. */
export interface Networks {
  /** Names of the network, `from` range and asn; none where no list knows the address. */
  names(address: string): Promise<Name[]>;
  /** Words that two addresses of one network share: `AWS`, `AS16509`; and `a CDN`, whose address is as good as any other CDN's. */
  marks(address: string): Promise<ReadonlySet<string>>;
  /** Of lists that could not be had. */
  warnings(): readonly string[];
}

/** Where no list was given. */
export const noNetworks: Networks = { names: async () => [], marks: async () => new Set(), warnings: () => [] };

/**
 * Do the marks say that two addresses are of one network, of two, or nothing? Only like is compared with like: a provider has several
 * autonomous systems, and one table that knows the one address tells nothing against another that knows the other.
 */
export function apart(one: ReadonlySet<string>, other: ReadonlySet<string>): "near" | "unknown" | "far" {
  if ([...one].some((mark) => other.has(mark))) return "near";
  const kinds = new Set([...one].map(kindOf));
  return [...other].some((mark) => kinds.has(kindOf(mark))) ? "far" : "unknown";
}

const kindOf = (mark: string) => (/^AS\d+$/.test(mark) ? "system" : mark === cdn ? "cdn" : "provider");

/**
 * What the PTR answer of an address tells of its network: the provider whose script made the name. Only where the name resolves back:
 * whoever owns an address can write there that it is a CDN's.
 */
export async function ptrMarks(address: string, reverse: Lookup, forward: Resolver["forward"]): Promise<Set<string>> {
  const texts = reverse.status === "found" ? reverse.values.slice(0, answerLimits.names) : [];
  const all = await Promise.all(texts.map((text) => marksOf(text, address, forward)));
  return new Set(all.flat());
}

async function marksOf(text: string, address: string, forward: Resolver["forward"]): Promise<string[]> {
  const parsed = parseHost(text);
  if (parsed.kind !== "host" || insideReason(parsed.host) !== null) return [];
  const { genericReason } = await import("./generic.ts");
  const generic = genericReason(parsed.host, address);
  if (generic === null || generic.provider === null) return [];
  const answer = await forward(parsed.host, address.includes(":") ? 6 : 4);
  if (answer.status !== "found" || !answer.values.includes(address)) return [];
  return [generic.provider, ...(isCdn(generic.service ?? "") ? [cdn] : [])];
}

/** The mark of all content delivery networks. */
export const cdn = "a CDN";

/** Is it a content delivery network, by what a provider, one of its lists or an AS is called (`AzureFrontDoor.Frontend`, `CLOUDFLARENET`)? */
export const isCdn = (text: string): boolean =>
  /cdn|\bedge(cast)?\b|cloudfront|cloudflare|fastly|akamai|front ?door/i.test(text);
