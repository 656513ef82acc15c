/**
 * What a DNS look-up came to. `none`: the name or the type does not exist. `failed`: nobody knows, ask again later.
 * `ttl`: how long the answer holds, ms.
 */
export type Lookup =
  | { status: "found"; values: string[]; ttl: number }
  | { status: "none"; ttl: number }
  | { status: "failed"; why: string };

/**
 * How many values of one answer are kept, after sorting. A stranger decides how many records an address has (120 PTRs were seen),
 * and each costs us a look-up forward; an answer cut at `addresses` proves nothing about an address that is not in it.
 */
export const answerLimits = { names: 8, addresses: 64 };

const minute = 60_000;

/**
 * How long answers hold at most, ms. `names`: node:dns tells no TTL of PTR records, and they change rarely. `nothing`: nor that of a
 * negative answer (RFC 2308 §5 has the zone's own, often an hour); a name may be made soon after it was asked for.
 */
export const holds = { names: 12 * 60 * minute, addresses: 60 * minute, nothing: 15 * minute };

/** Asks the DNS. Never throws: an outage is an answer too. */
export interface Resolver {
  /** PTR texts of an IP address (canonical), as the server sent them: hostile, in presentation form, sorted. */
  reverse(address: string): Promise<Lookup>;
  /** Addresses of a host name (canonical), of the family asked for, canonical and sorted. */
  forward(host: string, family: 4 | 6): Promise<Lookup>;
  /** The same asked anew, whatever was answered before: of a pool that answers with some of its addresses, each answer has others. */
  again(host: string, family: 4 | 6): Promise<Lookup>;
  /** Which servers are asked, for messages. */
  servers: readonly string[];
}
