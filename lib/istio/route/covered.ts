/** Does what a sidecar does with a flow let it arrive where it was meant to go? */
import { parseAddress } from "../../words/address.ts";
import type { Flow, Routed, ToEntry } from "./flow.ts";
import { metAs } from "./land.ts";
import { isNameCovered } from "./names.ts";
import { rangeIndex } from "./ranges.ts";

/** A flow is covered where an entry takes it, something answers there, and that is what the flow meant: then REGISTRY_ONLY breaks nothing. */
export const isCovered = (flow: Flow, routed: Routed): boolean =>
  routed.to === "entry" && routed.fault === null && isMeant(flow, routed);

/**
 * Is the entry about the flow? One that passes on to the address dialled is about whatever it takes; all others only about their hosts and
 * their addresses. An entry that takes a whole port sends strangers' connections to its own host (sidecar_simulation_test.go).
 */
export function isMeant(flow: Flow, { entry, reaches, host }: ToEntry): boolean {
  if (reaches === "dialled" || reaches === "claimed") return true;
  const name = metAs(flow).name ?? flow.host;
  if (name !== null && isNameCovered(name, host)) return true;
  if (flow.address === null) return false;
  const own = rangeIndex<true>();
  const endpoints = entry.endpoints.flatMap((one) => parseAddress(one) ?? []);
  const given = entry.vips.map((vip) => vip.address);
  for (const range of [...entry.addresses, ...endpoints, ...given]) own.set(range, true);
  return own.nearest(flow.address) === true;
}
