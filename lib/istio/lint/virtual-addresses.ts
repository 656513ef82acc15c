/** TCP ports of an entry that has no addresses: everything on the port is taken for it. istiod, istioctl and we say so. Pure. */
import type { Entry, Port } from "./entry.ts";
import { type Found, found } from "./problem.ts";
import { protocolClass } from "./spellings.ts";

/**
 * istiod warns where it will not allocate addresses itself, and of the very spelling `TCP`; `istioctl analyze` warns wherever none
 * are written, as DNS capture may be off; of databases, which are as much TCP, nobody warns.
 */
export function virtualAddressProblems(entry: Entry): Found[] {
  if (entry.addresses.length > 0) return [];
  return entry.ports.flatMap((port): Found[] => {
    const { path, protocol } = port;
    if (protocol === null) return [];
    const at = `${path}.protocol`;
    const takesAll = ["tcp", "sniffed"].includes(protocolClass(protocol));
    if (takesAll && !allocates(entry) && (protocol === "" || protocol === "TCP")) {
      return [{ ...found("IST0134", at, consequence(entry, port)), by: "istiod" }];
    }
    if (takesAll && !entry.hasAllocated) return [found("IST0134", at, consequence(entry, port))];
    return protocolClass(protocol) === "database" ? [found("ES0402", at, consequence(entry, port))] : [];
  });
}

/** istio pilot/pkg/networking/serviceentry/ip_autoallocation.go, with its default of PILOT_ENABLE_IP_AUTOALLOCATE. */
export function allocates({ resolution, labels }: Entry): boolean {
  const wish = labels.get("networking.istio.io/enable-autoallocate-ip");
  return resolution !== "NONE" && !(typeof wish === "string" && wish.toLowerCase() === "false");
}

function consequence(entry: Entry, { number, protocol }: Port): string {
  const what = protocol === "" ? "every connection that is not HTTP" : "every connection";
  const all = `${what} on port ${number}, to whatever address, is taken for this host`;
  if (entry.resolution === "NONE") return `Without addresses ${all} and passes.`;
  const unless = allocates(entry)
    ? "unless the sidecars have DNS capture on, which gives the host an address of its own, "
    : "";
  return `Without addresses, ${unless}${all} and sent to it.`;
}
