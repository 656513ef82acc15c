/** Whose network an address is in, by the providers' lists, the AS, or the provider's own PTR name. Pure. */
import type { Name } from "../model.ts";
import { genericReason } from "./generic.ts";
import type { Lookup } from "./resolver.ts";

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

/** Do the marks say that two addresses are of one network, of two, or nothing? */
export function apart(one: ReadonlySet<string>, other: ReadonlySet<string>): "near" | "unknown" | "far" {
  if ([...one].some((mark) => other.has(mark))) return "near";
  return one.size > 0 && other.size > 0 ? "far" : "unknown";
}

/** What the PTR answer of an address tells of its network: the provider whose script made the name. */
export function ptrMarks(address: string, reverse: Lookup): Set<string> {
  const generics = reverse.status === "found" ? reverse.values.map((text) => genericReason(text, address)) : [];
  const known = generics.flatMap((one) => (one === null || one.provider === null ? [] : [one]));
  const providers = known.map(({ provider }) => provider ?? "");
  return new Set([...providers, ...known.flatMap(({ service }) => (isCdn(service ?? "") ? [cdn] : []))]);
}

/** The mark of all content delivery networks. */
export const cdn = "a CDN";

/** Is it a content delivery network, by what a provider or one of its lists is called? */
export const isCdn = (text: string): boolean =>
  /\b(cdn|edge|cloudfront|cloudflare|fastly|akamai|front ?door)\b/i.test(text);
