/** A ServiceEntry in force takes a call, and it goes through a catch-all all the same: under REGISTRY_ONLY it would break. */
import type { Bypass, Finding } from "../model.ts";
import { type Detector, finding } from "./detector.ts";
import { findingId } from "./finding-id.ts";
import { followed, gathered } from "./lasting.ts";

/**
 * One finding for each source and destination, open while it is called past the entry. A destination that is new is told as such, with the
 * cause: of that one this finding is kept open without a word (`info`), so that the next run does not tell it a second time.
 */
export const entryBypassed: Detector = {
  kind: "entry-bypassed",
  detect({ bypasses, open, window }) {
    const now = gathered(bypasses, idOf);
    const opened = [...now].map(([id, one]) => bypassed(id, one, open.get(id)));
    const all = followed("entry-bypassed", opened, { open, window });
    return { ...all, findings: all.findings.filter((one) => one.severity !== "info") };
  },
};

const idOf = ({ observation }: Bypass) => findingId("entry-bypassed", observation.key);

function bypassed(id: string, { observation, why, isNew }: Bypass, before: Finding | undefined): Finding {
  const seen = {
    ...observation,
    count: (before?.count ?? 0) + (observation.count ?? 0),
    firstSeen: before?.firstSeen ?? observation.firstSeen,
  };
  const severity = before?.severity ?? (isNew ? "info" : "warning");
  return { ...finding("entry-bypassed", severity, id, seen), summary: why };
}
