/** What verdicts say of a run: which findings they are about, which calls they want counted. Pure. */
import type { Destination, Finding, Observation, Subject, Verdict, Window } from "../model.ts";
import { byWhom, endedIn, holdsAt } from "./in-force.ts";
import { newKind, sightingKinds } from "./subjects.ts";

/** A verdict, and what it is about where that is known. */
export interface Ruled {
  verdict: Verdict;
  subject: Subject | null;
}

export interface Rulings {
  /** The verdict that holds on a finding. */
  on(finding: Pick<Finding, "id" | "kind" | "key">): Verdict | undefined;
  /** Denied sightings, by key. */
  denied: ReadonlyMap<string, Verdict>;
  /** Those that came to their end in the window. */
  ended: readonly Ruled[];
  /** The verdict whose sighting is called: its calls are counted though it is known. */
  concerning(observation: Observation): Verdict | null;
  /** Ids of what is approved, each with the key of its sighting; null where nobody was told of it here. */
  approved: ReadonlyMap<string, string | null>;
}

/**
 * A verdict is on one finding: its source, its destination, and what was found of them. On a blocked spike it is on every spike of the
 * same, since the next one has an id of its own. A denial of what is about one sighting denies the sighting.
 * @param elsewhere ids of those whose end is said by another cluster's runs
 */
export function rulingsOf(
  all: ReadonlyMap<string, Verdict>,
  subjects: ReadonlyMap<string, Subject>,
  window: Window,
  elsewhere: ReadonlySet<string> = new Set(),
): Rulings {
  const byId = new Map([...all].filter(([, one]) => holdsAt(one, window.to)));
  const ended = [...all.values()].filter((one) => endedIn(one, window) && !elsewhere.has(one.id));
  const spikes = new Map<string, Verdict>();
  const denied = new Map<string, Verdict>();
  for (const verdict of [...byId.values()].sort(byTime)) {
    const subject = subjects.get(verdict.id);
    if (subject?.kind === "blocked-spike") spikes.set(subject.key, verdict);
    if (subject !== undefined && verdict.verdict === "denied" && isSighting(subject)) denied.set(subject.key, verdict);
  }
  const asked = new Map(denied);
  for (const verdict of ended) {
    const subject = subjects.get(verdict.id);
    if (subject !== undefined && isSighting(subject) && !asked.has(subject.key)) asked.set(subject.key, verdict);
  }
  return {
    on: ({ id, kind, key }) => byId.get(id) ?? (kind === "blocked-spike" ? spikes.get(key) : undefined),
    denied,
    ended: ended.map((verdict) => ({ verdict, subject: subjects.get(verdict.id) ?? null })),
    concerning: ({ key }) => asked.get(key) ?? null,
    approved: new Map(
      [...byId.values()]
        .filter(({ verdict }) => verdict === "approved")
        .map(({ id }) => [id, subjects.get(id)?.key ?? null]),
    ),
  };
}

/** Later ones win; by id where nobody says when. */
const byTime = (one: Verdict, other: Verdict) => (one.at ?? 0) - (other.at ?? 0) || (one.id < other.id ? -1 : 1);

const isSighting = ({ kind }: Subject) => sightingKinds.some((one) => one === kind);

/** Is it told once, when its destination is new, and not kept open by a detector? */
export const isNewKind = ({ kind, destination }: { kind: Finding["kind"]; destination: Destination }): boolean =>
  kind === newKind(destination);

/** Why a denied destination gets no manifest. */
const denialOf = (verdict: Verdict): string => `It was denied${byWhom(verdict)}: a manifest would open it.`;

/** Why denied sightings get no manifest, by key. */
export const denialsOf = ({ denied }: Rulings): Map<string, string> =>
  new Map([...denied].map(([key, one]) => [key, denialOf(one)]));
