/** A workload claims a name (Host, SNI) that does not answer to the address it dials: a way around a policy, or a stale address. */
import type { Claimed, Finding, Mismatch } from "../model.ts";
import { type Detector, finding } from "./detector.ts";
import { findingId } from "./finding-id.ts";

/** It is over when nobody dialled the address under that name for so long, ms. */
const quietFor = 60 * 60_000;

/**
 * One finding for each name and address, open while it is dialled. `critical` where both networks are known and differ, `warning`
 * where nobody knows whose they are. What DNS cannot say, and addresses of the name's own network or of CDNs, never come here; but
 * what is open and dialled while the DNS is away stays open.
 */
export const nameMismatch: Detector = {
  kind: "name-mismatch",
  detect({ mismatches, unchecked, open, window }) {
    const now = new Map<string, Claimed>();
    const lasting = unchecked.filter((one) => open.has(idOf(one)));
    for (const one of [...mismatches, ...lasting]) now.set(idOf(one), together(now.get(idOf(one)), one));
    const opened = [...now].map(([id, one]) => mismatched(id, one, open.get(id)));
    const over = [...open.values()].filter(
      (one) => one.kind === "name-mismatch" && !now.has(one.id) && window.to - one.lastSeen >= quietFor,
    );
    return {
      findings: [
        ...opened.filter((one) => !open.has(one.id)),
        ...over.map((one): Finding => ({ ...one, state: "resolved" })),
      ],
      opened,
      closed: over.map((one) => one.id),
    };
  },
};

const idOf = ({ observation, address }: Claimed) => findingId("name-mismatch", observation.key, address);

/** A long window comes in slices, each with what was dialled in it. */
function together<T extends Claimed>(before: T | undefined, later: T): T {
  if (before === undefined) return later;
  const { count, firstSeen, lastSeen } = before.observation;
  const observation = {
    ...later.observation,
    count: (count ?? 0) + (later.observation.count ?? 0),
    firstSeen: Math.min(firstSeen, later.observation.firstSeen),
    lastSeen: Math.max(lastSeen, later.observation.lastSeen),
  };
  return { ...later, observation };
}

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
