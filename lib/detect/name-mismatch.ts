/** A workload claims a name (Host, SNI) that does not answer to the address it dials: a way around a policy, or a stale address. */
import type { Claimed, Finding, Mismatch } from "../model.ts";
import { type Detector, finding } from "./detector.ts";
import { findingId } from "./finding-id.ts";
import { followed, gathered } from "./lasting.ts";

/**
 * One finding for each name and address, open while it is dialled. `critical` where both networks are known and differ, `warning`
 * where nobody knows whose they are. What DNS cannot say, and addresses of the name's own network or of CDNs, never come here; but
 * what is open and dialled while the DNS is away stays open.
 */
export const nameMismatch: Detector = {
  kind: "name-mismatch",
  detect({ mismatches, unchecked, open, window }) {
    const lasting = unchecked.filter((one) => open.has(idOf(one)));
    const now = gathered<Claimed>([...mismatches, ...lasting], idOf);
    const opened = [...now].map(([id, one]) => mismatched(id, one, open.get(id)));
    return followed("name-mismatch", opened, { open, window });
  },
};

const idOf = ({ observation, address }: Claimed) => findingId("name-mismatch", observation.key, address);

function mismatched(id: string, one: Claimed | Mismatch, before: Finding | undefined): Finding {
  const { observation, address } = one;
  const seen = {
    ...observation,
    destination: { ...observation.destination, address },
    addresses: [address],
    count: (before?.count ?? 0) + (observation.count ?? 0),
    firstSeen: before?.firstSeen ?? observation.firstSeen,
  };
  const severity = "apart" in one ? (one.apart === "far" ? "critical" : "warning") : (before?.severity ?? "warning");
  const summary = "why" in one ? one.why : (before?.summary ?? "");
  return { ...finding("name-mismatch", severity, id, seen), summary };
}
