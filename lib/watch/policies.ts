/** What the policies forbid of all that was called in the window, known or new, and how often. No I/O of its own. */
import { nameAll } from "../enrich/names.ts";
import type { Naming } from "../enrich/naming.ts";
import type { Destination, Observation, Sighting, Source, Violation, Window } from "../model.ts";
import { confirmedOf, type Decision, type Policies } from "../policy/index.ts";
import type { Telemetry } from "../poll/telemetry.ts";
import type { WatchSettings } from "./counts.ts";
import { toldOf } from "./known.ts";

/** The decision that forbids a call; null where nothing does, as far as its names are known by now. */
export type Forbids = (call: { key: string; source: Source; destination: Destination }) => Decision | null;

/** So many new addresses are named before the detectors look: five seconds of the usual 50 questions a second. */
const mostNamed = 250;

/** Judges by Host and SNI, and a bare address by what is known of it: remembered names, the forward index, entries in force. */
export function forbidding(policies: Policies, memory: ReadonlyMap<string, Sighting>, naming: Naming): Forbids {
  const known = new Map<string, string[]>();
  const namesAt = (address: string): string[] => {
    const names = known.get(address) ?? [
      ...naming.hostsAt(address).map((one) => one.host),
      ...naming.entriesAt(address).flatMap((entry) => entry.hosts.filter((host) => !host.startsWith("*"))),
    ];
    known.set(address, names);
    return names;
  };
  return ({ key, source, destination }) => {
    const { host, claim, address } = destination;
    if (policies.all.length === 0) return null;
    const isBare = host === null && claim === null && address !== null;
    const confirmed = isBare ? [...confirmedOf([memory.get(key)?.name ?? null]), ...namesAt(address)] : [];
    return policies.forbids(source, destination, confirmed);
  };
}

/** The violations of a slice, as `toldOf` has them: what is denied by name goes before what no list allows. */
export async function violationsIn(
  telemetry: Telemetry,
  slice: Parameters<typeof toldOf>[1],
  forbids: Forbids,
  window: Window,
  settings: WatchSettings,
): Promise<{ found: Violation[]; left: number }> {
  const { found, left } = await toldOf(telemetry, slice, { judge: forbids, isFirst: isDeny }, window, settings);
  return { found: found.map(({ observation, said }) => violation(observation, said)), left };
}

/**
 * Those among new bare addresses whose names the DNS confirms now and a policy forbids. What is asked here is not asked again when the
 * findings are named; more addresses than that are judged in the next run, when they are remembered with their names.
 */
export async function lateViolations(
  observations: readonly Observation[],
  found: readonly Violation[],
  policies: Policies,
  naming: Naming,
): Promise<Violation[]> {
  if (policies.all.length === 0) return [];
  const already = new Set(found.map((one) => one.observation.key));
  const bare = observations
    .filter(
      ({ key, destination: { host, claim, address } }) =>
        host === null && claim === null && address !== null && !already.has(key),
    )
    .slice(0, mostNamed);
  const { names } = await nameAll(bare, naming);
  return bare.flatMap((one, index) => {
    const decision = policies.forbids(one.source, one.destination, confirmedOf(names[index] ?? []));
    return decision === null ? [] : [violation(one, decision)];
  });
}

const isDeny = ({ list }: Decision): boolean => list === "deny";

/** A call, and the decision that forbids it. */
export const violation = (observation: Observation, decision: Decision): Violation => ({
  observation,
  isDenied: isDeny(decision),
  why: decision.why,
});
