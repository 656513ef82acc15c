/** What the manifests in force take should not be seen at a catch-all any more: else REGISTRY_ONLY would break it all the same. Pure. */
import type { PlannedFlow } from "./coverage.ts";

const hour = 60 * 60_000;

/** A warning where some of what is covered was seen in the last hour, which ends at `to` (ms). */
export function stillPassing(flows: readonly PlannedFlow[], to: number): string[] {
  const late = flows.filter((one) => one.isCovered && one.certain && one.finding.lastSeen > to - hour);
  const [first] = late;
  if (first === undefined) return [];
  const { source, destination } = first.finding;
  const example = `${source.namespace}/${source.workload} to ${destination.host ?? destination.address}:${destination.port}`;
  const what =
    late.length === 1
      ? `1 flow went through a catch-all in the last hour although a manifest in force covers it (${example})`
      : `${late.length} flows went through a catch-all in the last hour although manifests in force cover them, such as ${example}`;
  return [`${what}: \`scan --existing\` says why (entry-bypassed)`];
}
