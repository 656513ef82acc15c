/** From a finding's id back to what it stands for. Pure; an id is a hash, so it is looked for among what is remembered. */
import { findingId } from "../detect/finding-id.ts";
import type { Destination, Finding, FindingKind, Letter, Sighting, Subject, ToldFinding } from "../model.ts";

/** Kinds whose findings are each about one sighting as a whole: id and sighting stand for each other. */
export const sightingKinds = [
  "new-destination",
  "new-blocked",
  "policy-violation",
  "entry-bypassed",
] as const satisfies FindingKind[];

/** What a call of a destination that is let through, or blocked, is found as. */
export const newKind = ({ verdict }: Destination) => (verdict === "blocked" ? "new-blocked" : "new-destination");

/** What is remembered of a cluster, as far as ids come from it. */
export interface Remembered {
  sightings: ReadonlyMap<string, Pick<Sighting, "key" | "source" | "destination">>;
  /** Told findings, at least those of the ids looked for. */
  findings: ReadonlyMap<string, ToldFinding>;
  open: ReadonlyMap<string, Finding>;
  letters?: readonly Letter[];
}

/** What the ids stand for; those that nothing is remembered of are left out. */
export function subjectsOf(
  ids: ReadonlySet<string>,
  { sightings, findings, open, letters = [] }: Remembered,
): Map<string, Subject> {
  const found = new Map<string, Subject>();
  const note = (one: Subject) => {
    if (ids.has(one.id) && !found.has(one.id)) found.set(one.id, one);
  };
  for (const one of findings.values()) note(one);
  for (const one of open.values()) note(one);
  for (const { message } of letters) message.findings.forEach(note);
  // Four hashes for each sighting: only for an id that nobody was told of.
  for (const { key, source, destination } of sightings.values()) {
    if (found.size === ids.size) break;
    for (const kind of sightingKinds) note({ id: findingId(kind, key), key, kind, source, destination });
  }
  return found;
}
