/** Which of all that is remembered the suggestions for some findings may depend on. Pure. */
import type { Finding, Sighting } from "../model.ts";
import { entryOf } from "./evidence.ts";

/**
 * Tells whether a sighting may bear on a manifest for these findings: it is of one of their namespaces, or calls what one of them calls.
 * Asked of all that is remembered, so it is two look-ups. `names` maps addresses to confirmed names.
 */
export function bearingOn(
  fit: readonly Finding[],
  names: ReadonlyMap<string, string>,
): (sighting: Sighting) => boolean {
  const namespaces = new Set(fit.map(({ source }) => source.namespace));
  const places = new Set(
    fit.flatMap(({ destination }) => [
      destination.host,
      destination.address,
      entryOf(destination, names)?.host ?? null,
    ]),
  );
  places.delete(null);
  return ({ source, destination: { host, address } }) =>
    namespaces.has(source.namespace) || places.has(host ?? address);
}
