/** What a DNS look-up came to. `none`: the name or the type does not exist. `failed`: nobody knows, ask again later. */
export type Lookup =
  | { status: "found"; values: string[] }
  | { status: "none" }
  | { status: "failed"; why: string };

/** Asks the DNS. Never throws: an outage is an answer too. */
export interface Resolver {
  /** PTR texts of an IP address (canonical), as the server sent them: hostile, in presentation form, sorted. */
  reverse(address: string): Promise<Lookup>;
  /** Addresses of a host name (canonical), of the family asked for, canonical and sorted. */
  forward(host: string, family: 4 | 6): Promise<Lookup>;
  /** Which servers are asked, for messages. */
  servers: readonly string[];
}
