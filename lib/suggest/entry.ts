/** What a ServiceEntry stands for, and what it is called. */
import { createHash } from "node:crypto";
import ipaddr from "ipaddr.js";

/** `address` is set where the host is made up to stand for it, null where the host is a real name. */
export interface Entry {
  host: string;
  address: string | null;
}

const longestName = 63;
const hashLength = 8;

/** An entry for a host name; takes a canonical name, throws nothing. */
export function namedEntry(host: string): Entry {
  return { host, address: null };
}

/**
 * An entry for a bare address (canonical). Istio takes no IP as a host: the last label may not be all digits (istio
 * pkg/config/validation/agent/validation.go). So the address is written into the first label of a name under `.internal`,
 * which ICANN keeps out of the DNS for good; IPv6 with all its eight groups, since `::` would leave a label no host may have.
 */
export function addressEntry(address: string): Entry {
  return { host: `ip-${labelOf(address)}.egress.internal`, address };
}

/** A made-up host for a network (a CIDR in canonical spelling). */
export function networkHost(network: string): string {
  const [address = "", length] = network.split("/");
  return `net-${labelOf(address)}-${length}.egress.internal`;
}

function labelOf(address: string): string {
  const parsed = ipaddr.parse(address);
  return parsed instanceof ipaddr.IPv6
    ? parsed.toNormalizedString().replaceAll(":", "-")
    : address.replaceAll(".", "-");
}

/**
 * `metadata.name` for a host: a slug for people, and a hash of the whole host because slugs collide (`a.b-c.example` and
 * `a-b.c.example`). Made of the host alone, so that `kubectl apply` finds the same object when a port joins.
 * At most 63 characters, a DNS-1123 label (Kubernetes allows 253, but label values hold 63 and people copy names there): the star of
 * `*.example.com` becomes a word, and the hash tells it from the host of that word.
 */
export function entryName(host: string): string {
  const hash = createHash("sha256").update(host).digest("hex").slice(0, hashLength);
  const slug = host
    .replace("*", "any")
    .replaceAll(".", "-")
    .slice(0, longestName - hashLength - 1);
  return `${slug.replace(/-+$/, "")}-${hash}`;
}
