/** One entry for several namespaces that call one host: offered after the own-namespace one. */
import { type Alternative, list, opening } from "./alternative.ts";
import type { Calls } from "./calls.ts";
import { carries, draft } from "./draft.ts";
import type { Evidence } from "./evidence.ts";
import type { SuggestSettings } from "./service-entry.ts";
import { matching } from "./warnings.ts";

/**
 * The entry of all calls to one host, in the namespace that called first, exported to those that call and to no other; null where only
 * one calls, or where the settings export every entry to all as it is. The first caller keeps it when others join, so that the object
 * stays where it is. Throws nothing.
 */
export function sharedAlternative(
  { entry, all: evidence, byNamespace }: Calls,
  settings: SuggestSettings,
  http2: ReadonlySet<number>,
): Alternative | null {
  const configured = settings.exportTo ?? ["."];
  if (byNamespace.size < 2 || configured.length === 0 || configured.some((one) => one === "*" || one === "~")) {
    return null;
  }
  const namespaces = [...byNamespace.keys()];
  const home = firstToCall(evidence);
  const exportTo = [".", ...namespaces, ...configured];
  const made = draft({ namespace: home, entry, evidence: [...evidence], beside: [] }, { ...settings, exportTo }, http2);
  if (typeof made === "string" || made.ports.some((port) => port.unrouted.size > 0)) return null;
  const { ports, manifest, yaml } = made;
  const why = [
    `${entry.host} is called from ${namespaces.length} namespaces: ${list(namespaces)}.`,
    `One entry in ${home}, which called it first, stands for all of them, and no namespace sees it that does not call.`,
  ];
  const numbers = new Set(evidence.map((one) => one.port));
  const isUneven = [...byNamespace.values()].some((own) => new Set(own.map((one) => one.port)).size < numbers.size);
  const warnings = [
    ...opening(
      evidence.filter((one) => one.verdict === "blocked").map((one) => `Port ${one.port} from ${one.namespace}`),
    ),
    ...(isUneven
      ? [`Each of these namespaces gets port ${[...numbers].join(", ")}, and not every one of them calls all.`]
      : []),
    `It takes the place of entries of their own: where one of these namespaces keeps its own for ${entry.host}, that one counts there.`,
    `A Sidecar in one of the others has to have ${home}/${entry.host} among its egress hosts. Ambient mode takes no notice of exportTo: there every namespace sees it.`,
    ...matching({ ...made, settings }),
  ];
  return {
    suggestion: { manifest, yaml, confidence: "medium", why, warnings },
    serves: ({ source }, port) => byNamespace.has(source.namespace) && carries(ports, port),
  };
}

/** Of several at once, the first in the alphabet. */
function firstToCall(evidence: readonly Evidence[]): string {
  const order = (a: Evidence, b: Evidence) => a.firstSeen - b.firstSeen || (a.namespace < b.namespace ? -1 : 1);
  return [...evidence].sort(order)[0]?.namespace ?? "";
}
