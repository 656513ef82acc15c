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
