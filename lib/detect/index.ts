/** The table of detectors. */
import type { Finding } from "../model.ts";
import type { Detector, Evidence } from "./detector.ts";
import { newBlocked } from "./new-blocked.ts";
import { newDestination } from "./new-destination.ts";

export const detectors: readonly Detector[] = [newDestination, newBlocked];

const weight = { critical: 0, warning: 1, info: 2 };

/** All that the detectors conclude, most severe first, then by source and destination: the order never depends on the server. */
export function detect(evidence: Evidence): Finding[] {
  return detectors
    .flatMap((one) => one.detect(evidence))
    .sort((a, b) => weight[a.severity] - weight[b.severity] || compare(orderOf(a), orderOf(b)));
}

function orderOf({ source, destination, kind, id }: Finding): string {
  const place = destination.host ?? destination.address ?? destination.claim ?? "";
  const port = String(destination.port ?? 0).padStart(5, "0");
  return [source.cluster, source.namespace, source.workload, place, port, destination.protocol, kind, id].join(
    "\u0000",
  );
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
