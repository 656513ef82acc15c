/** A workload claims a name (Host, SNI) that does not answer to the address it dials: a way around a policy, or a stale address. */
import type { Finding, Mismatch } from "../model.ts";
import { type Detector, finding } from "./detector.ts";
import { findingId } from "./finding-id.ts";

/** It is over when nobody dialled the address under that name for so long, ms. */
const quietFor = 60 * 60_000;

/**
 * One finding for each name and address, open while it is dialled. `critical` where both networks are known and differ, `warning`
 * where nobody knows whose they are. What DNS cannot say, and addresses of the name's own network or of CDNs, never come here.
 */
export const nameMismatch: Detector = {
  kind: "name-mismatch",
  detect({ mismatches, open, window }) {
    const now = new Map<string, Mismatch>();
    for (const one of mismatches) now.set(idOf(one), together(now.get(idOf(one)), one));
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

const idOf = ({ observation, address }: Mismatch) => findingId("name-mismatch", observation.key, address);

/** A long window comes in slices, each with what was dialled in it. */
function together(before: Mismatch | undefined, later: Mismatch): Mismatch {
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

function mismatched(id: string, { observation, address, apart, why }: Mismatch, before: Finding | undefined): Finding {
  const seen = {
    ...observation,
    destination: { ...observation.destination, address },
    addresses: [address],
    count: (before?.count ?? 0) + (observation.count ?? 0),
    firstSeen: before?.firstSeen ?? observation.firstSeen,
  };
  return { ...finding("name-mismatch", apart === "far" ? "critical" : "warning", id, seen), summary: why };
}
