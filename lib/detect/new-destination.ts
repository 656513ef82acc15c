import { type Detector, finding, unseen } from "./detector.ts";
import { findingId } from "./finding-id.ts";
import { quietTime } from "./quiet-time.ts";

/**
 * A workload reached an outside destination never seen from it before, or not for months. One that nobody named weighs more.
 */
export const newDestination: Detector = {
  kind: "new-destination",
  detect: (evidence) => ({
    findings: unseen(evidence)
      .filter((one) => one.destination.verdict === "allowed")
      .map((one) => {
        const severity = one.destination.host === null ? "warning" : "info";
        return {
          ...finding("new-destination", severity, findingId("new-destination", one.key), one),
          summary: quietTime(one),
        };
      }),
  }),
};
