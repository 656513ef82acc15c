/** Which alternatives the findings of a run have, in the order in which they are offered. Pure. */
import type { Finding, Sighting } from "../model.ts";
import type { Alternative } from "./alternative.ts";
import { type Calls, callsKey, callsOf, isCalledToo } from "./calls.ts";
import type { Draft } from "./draft.ts";
import { viaGateway } from "./egress-gateway.ts";
import type { Existing } from "./existing.ts";
import { families, familyOf, kinOf, type TeamOf } from "./family.ts";
import type { Forbidden } from "./forbidden.ts";
import { joining } from "./joining.ts";
import { isNear, networkAlternatives, networkKey } from "./networks.ts";
import type { SuggestSettings } from "./service-entry.ts";
import { sharedAlternative } from "./shared.ts";
import { tlsOrigination } from "./tls-origination.ts";
import { wildcardAlternative } from "./wildcard.ts";

/** Remembered sightings that an alternative may rest on. */
export interface Heard {
  /** Of other hosts of a finding's domain. */
  kin: Sighting[];
  /** Of a finding's host or address, from any namespace. */
  alike: Sighting[];
  /** Of other addresses, in networks that a finding's may be in. */
  near: Sighting[];
}

/** Sorts sightings by what they may be good for, one by one: asked of all that may bear on the findings. */
export function hearing(fit: readonly Finding[], unfit: ReadonlySet<string>, names: ReadonlyMap<string, string>) {
  const heard: Heard = { kin: [], alike: [], near: [] };
  const isKin = kinOf(fit);
  const isAlike = isCalledToo(fit, names);
  const isNeighbour = isNear(fit);
  const hear = (one: Sighting): void => {
    const lists = [isKin(one) && heard.kin, isAlike(one) && heard.alike, isNeighbour(one) && heard.near];
    for (const list of lists) if (list !== false && !unfit.has(one.key)) list.push(one);
  };
  return { heard, hear };
}

interface Basis {
  fit: readonly Finding[];
  /** What speaks against a name. */
  doubted: readonly Finding[];
  names: ReadonlyMap<string, string>;
  teamOf: TeamOf;
  settings: SuggestSettings;
  known: Existing;
  bans: Forbidden;
}

/**
 * The alternatives of a finding and its draft, from what opens no more than the exact entry to what opens most: joining an entry in
 * force, one entry for several namespaces, TLS from the sidecar on, the egress gateway, a wildcard or a provider's network. Where an
 * entry in force is extended for it, none of those that would be a second entry for the same host. Throws nothing.
 */
export function alternatives(
  { fit, doubted, names, teamOf, settings, known, bans }: Basis,
  { kin, alike, near }: Heard,
) {
  const calls = callsOf(fit, alike, names);
  const shared = mapped(calls, (one) => sharedAlternative(one, settings, known.http2(one.entry.host)));
  const gateways = mapped(calls, (one) => viaGateway(one, settings, known.http2(one.entry.host)));
  const wildcards = mapped(families(fit, doubted, kin, teamOf), (one) =>
    bans.opensForbidden(one.namespace, one.domain) ? null : wildcardAlternative(one, settings),
  );
  const networks = networkAlternatives(fit, near, names, settings);
  const joined = once((draft: Draft) => joining(draft, known));
  const originated = once((draft: Draft, own: Calls) => tlsOrigination(draft, own, settings));
  return (finding: Finding, draft: Draft, isExtended: boolean): (Alternative | null | undefined)[] => {
    const wide = [wildcards.get(familyOf(finding) ?? ""), networks.get(networkKey(finding) ?? "")];
    const key = callsKey(finding.source, draft.group.entry);
    const own = calls.get(key);
    if (isExtended || own === undefined) return wide;
    const { entry, byNamespace } = own;
    const isOpen = [...byNamespace.keys()].every(
      (namespace) => bans.barred({ ...finding.source, namespace }, entry) === null,
    );
    const together = isOpen ? [shared.get(key), gateways.get(key)] : [];
    return [joined(draft), together[0], originated(draft, own), together[1], ...wide];
  };
}

/** What all findings of a draft share is made once. */
function once<Rest extends unknown[], Made>(make: (draft: Draft, ...rest: Rest) => Made) {
  const all = new Map<Draft, Made>();
  return (draft: Draft, ...rest: Rest): Made => {
    const made = all.get(draft) ?? make(draft, ...rest);
    all.set(draft, made);
    return made;
  };
}

function mapped<Value, Made>(all: ReadonlyMap<string, Value>, make: (one: Value) => Made): Map<string, Made> {
  return new Map([...all].map(([key, one]) => [key, make(one)]));
}
