/** A workload calls what a policy of the config denies, or does not allow. */
import type { Finding, Severity, Violation } from "../model.ts";
import { type Detector, finding } from "./detector.ts";
import { findingId, sourceKey } from "./finding-id.ts";
import { followed, gathered } from "./lasting.ts";

/**
 * One finding for each source and destination, open while it is called. `critical` where a deny rule forbids what is let through,
 * `warning` where no allow list has it, `info` where the mesh blocks it already. It takes the observation: that the destination is new
 * as well is no second message. While a fan-out of the source is open, what no list allows is part of that one finding, unless it was
 * known before the burst began.
 */
export const policyViolation: Detector = {
  kind: "policy-violation",
  detect({ cluster, violations, open, window, memory }) {
    const isPart = ({ isDenied, observation: { key, source } }: Violation) => {
      const burst = open.get(findingId("fan-out", sourceKey(cluster, source)));
      if (isDenied || burst === undefined) return false;
      return (memory.get(key)?.firstSeen ?? Number.POSITIVE_INFINITY) >= burst.firstSeen;
    };
    const now = gathered(
      violations.filter((one) => open.has(idOf(one)) || !isPart(one)),
      idOf,
    );
    const opened = [...now].map(([id, one]) => violated(id, one, open.get(id)));
    const taken = new Set(violations.map((one) => one.observation.key));
    return { ...followed("policy-violation", opened, { open, window }), taken };
  },
};

const idOf = ({ observation }: Violation) => findingId("policy-violation", observation.key);

function violated(id: string, one: Violation, before: Finding | undefined): Finding {
  const { observation, why } = one;
  const seen = {
    ...observation,
    count: (before?.count ?? 0) + (observation.count ?? 0),
    firstSeen: before?.firstSeen ?? observation.firstSeen,
  };
  return { ...finding("policy-violation", severity(one), id, seen), summary: why };
}

function severity({ observation, isDenied }: Violation): Severity {
  if (observation.destination.verdict === "blocked") return "info";
  return isDenied ? "critical" : "warning";
}
