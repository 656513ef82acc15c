import { type Detector, finding, unseen } from "./detector.ts";
import { findingId } from "./finding-id.ts";
import { quietTime } from "./quiet-time.ts";

/** A workload tried an outside destination never seen from it before, and the mesh blocked it: something may not work. */
export const newBlocked: Detector = {
  kind: "new-blocked",
  detect: (evidence) => ({
    findings: unseen(evidence)
      .filter((one) => one.destination.verdict === "blocked")
      .map((one) => ({
        ...finding("new-blocked", "warning", findingId("new-blocked", one.key), one),
        summary: quietTime(one),
      })),
  }),
};
