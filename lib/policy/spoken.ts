/** What a workload wrote as Host or SNI → the name that policies compare. Pure. */

import type { Destination } from "../model.ts";
import { parseHost } from "../words/host.ts";

export interface Spoken {
  /** Lower case, without port and trailing dot. */
  name: string;
  /** Spelt as names are. Nothing else is ever on an allow list, whatever it ends in. */
  isPlain: boolean;
}

/**
 * The name in a Host or SNI; null for an address, which is none. Underscores and single labels count, since Envoy compares those too;
 * IDN as it is on the wire (A-labels).
 */
export function spoken(text: string): Spoken | null {
  const parsed = parseHost(text);
  if (parsed.kind === "address") return null;
  if (parsed.kind === "host") return { name: parsed.host, isPlain: true };
  const name = text
    .toLowerCase()
    .replace(/:\d{1,5}$/, "")
    .replace(/\.$/, "");
  return name === "" ? null : { name, isPlain: /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(name) };
}

/** The name of a destination that its caller gave: Host or SNI, also one that is no host name; null where it gave none. */
export function spokenOf({ host, claim }: Destination): Spoken | null {
  if (host !== null) return { name: host, isPlain: true };
  if (claim === null) return null;
  // An SNI of four numbers is a name to Envoy; a claim is never a Host that is an address.
  return spoken(claim) ?? { name: claim.toLowerCase(), isPlain: true };
}
