/** Which of all that is remembered the suggestions for some findings may depend on. Pure. */
import type { Finding, Sighting, Source } from "../model.ts";
import { Memory } from "../words/memory.ts";
import { entryOf } from "./evidence.ts";

/** What is remembered, and what is not yet in it. */
export interface Sightings {
  memory: Memory;
  added: readonly Sighting[];
}

/**
 * The sightings that may bear on a manifest for these findings: of one of their namespaces, or of calls to what one of them calls.
 * `names` maps addresses to confirmed names.
 */
export function bearingOn(
  fit: readonly Finding[],
  names: ReadonlyMap<string, string>,
  { memory, added }: Sightings,
): Sighting[] {
  const namespaces = new Set(fit.map(({ source }) => source.namespace));
  const places = new Set(
    fit
      .flatMap(({ destination }) => [destination.host, destination.address, entryOf(destination, names)?.host ?? null])
      .filter((place) => place !== null),
  );
  const isCaller = ({ namespace }: Source) => namespaces.has(namespace);
  return [...memory.about(isCaller, places), ...new Memory(added).about(isCaller, places)];
}
