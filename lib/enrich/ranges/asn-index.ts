/** Which autonomous system announces the network of an address. It names a network, never a service. Pure. */
import { readAddress } from "./address-read.ts";
import type { AsnTable } from "./asn-parse.ts";
import { flatten, nothing, valueAt } from "./flatten.ts";
import { clean } from "./list.ts";

export interface Asn {
  asn: number;
  /** Printable ASCII; null where the table has no name for it. */
  organization: string | null;
}

export interface AsnIndex {
  /** The system of an IP address (any spelling; IPv4-mapped IPv6 is IPv4), or null; null as well for what is no address. */
  find(address: string): Asn | null;
  /** How many rows of tables are in it. */
  readonly size: number;
}

/** Tables in order: an address is looked up in the first that has it. IPv4 and IPv6 are often two files. */
export function asnIndex(tables: readonly AsnTable[]): AsnIndex {
  const flat = tables.map(({ v4, v6, numbers, organizations }) => ({
    v4: flatten(v4),
    v6: flatten(v6),
    numbers,
    organizations,
  }));
  return {
    find(address) {
      const words = readAddress(address);
      if (words === null) return null;
      for (const { v4, v6, numbers, organizations } of flat) {
        const place = valueAt(words.length === 1 ? v4 : v6, words);
        const asn = place === nothing ? undefined : numbers[place];
        if (asn !== undefined) return { asn, organization: clean(organizations[place] ?? "") || null };
      }
      return null;
    },
    size: tables.reduce((sum, { v4, v6 }) => sum + v4.values.length + v6.values.length, 0),
  };
}
