/** Why a call may still go through a catch-all though a manifest in force takes it. Pure. */
import type { InForce } from "../istio/in-force.ts";
import type { FlowCovered } from "../istio/route/covers.ts";
import { type Flow, nameOf, type ToEntry } from "../istio/route/flow.ts";

/**
 * What to say where the manifests in force take a call that was seen at a catch-all all the same: another manifest would not help. Null
 * where they do not take it for certain, whichever of its addresses was dialled.
 */
export function takenAlready(flows: readonly FlowCovered[], inForce: InForce): string | null {
  const [first] = flows;
  if (first === undefined || first.before.to !== "entry") return null;
  if (!flows.every((one) => one.wasCovered && one.before.certain)) return null;
  const usual = causes(first.flow, first.before, inForce);
  return `${nameOf(first.before.entry)} is in force and takes this call (${first.before.why}): another entry would not help. If it goes on like this, likely causes are: ${usual.join("; ")}.`;
}

/**
 * The likely causes, likeliest first. What Istio counts is said in its issue 38018 (resolution NONE) and in the tcp_proxy's reports; the
 * rest is what the manifests alone cannot show.
 */
function causes({ protocol }: Flow, { entry }: ToEntry, { sidecars }: InForce): string[] {
  const isNone = entry.resolution === "NONE" && (protocol === "tcp" || protocol === "tls");
  return [
    ...(isNone
      ? [
          "some versions of Istio count what an entry with resolution NONE lets through as PassthroughCluster (istio#38018), and nothing is wrong",
        ]
      : []),
    "it was applied after these calls, or connections from before it go on",
    "the proxy has not got it (istioctl proxy-status)",
    ...(sidecars.length === 0 ? ["a Sidecar hides it that is not among the manifests given"] : []),
  ];
}
