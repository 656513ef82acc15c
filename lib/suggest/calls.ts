/** Who else in the cluster calls what the findings call, from whichever namespace. */
import type { Destination, Finding, Sighting, Source } from "../model.ts";
import type { Entry } from "./entry.ts";
import { type Evidence, entryOf, evidenceOf, settled } from "./evidence.ts";
import { isDoubted } from "./trust.ts";

/** All calls to one host or address of one cluster, by the namespaces that they are from, in alphabetical order. */
export interface Calls {
  entry: Entry;
  /** In the order of `settled`. */
  all: readonly Evidence[];
  byNamespace: ReadonlyMap<string, Evidence[]>;
}

/** The namespaces that Kubernetes would have. */
const namespaceName = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** The key under which `callsOf` keeps the calls of an entry. */
export function callsKey({ cluster }: Source, { host }: Entry): string {
  return `${cluster}\n${host}`;
}

/** Tells whether a sighting may be of what the findings are about. Asked of all that may bear on them: one look-up each. */
export function isCalledToo(fit: readonly Finding[], names: ReadonlyMap<string, string>) {
  const placeOf = ({ host, address, protocol }: Destination): string | null =>
    host ?? (address === null ? null : ((protocol === "tcp" ? names.get(address) : undefined) ?? address));
  const keyOf = ({ source, destination }: Pick<Finding, "source" | "destination">) =>
    `${source.cluster}\n${placeOf(destination)}`;
  const wanted = new Set(fit.map(keyOf));
  return (sighting: Sighting): boolean => wanted.has(keyOf(sighting));
}

/**
 * The calls of each entry of the findings, by `callsKey`: the findings that may have a manifest, and the remembered sightings of the
 * same (`others`), except of a name that was distrusted when it was last looked at. Throws nothing.
 */
export function callsOf(
  fit: readonly Finding[],
  others: readonly Sighting[],
  names: ReadonlyMap<string, string>,
): Map<string, Calls> {
  const found = new Map<string, { entry: Entry; all: Evidence[] }>();
  for (const one of [...fit, ...others.filter((each) => !isDoubted(each.destination, [each.name]))]) {
    const entry = entryOf(one.destination, names);
    const evidence = evidenceOf(one);
    if (entry === null || evidence === null || !namespaceName.test(one.source.namespace)) continue;
    const key = callsKey(one.source, entry);
    const same = found.get(key);
    if (same === undefined) found.set(key, { entry, all: [evidence] });
    else same.all.push(evidence);
  }
  return new Map([...found].map(([key, { entry, all }]) => [key, calls(entry, settled(all))]));
}

function calls(entry: Entry, all: readonly Evidence[]): Calls {
  const byNamespace = new Map<string, Evidence[]>();
  for (const namespace of [...new Set(all.map((one) => one.namespace))].sort()) byNamespace.set(namespace, []);
  for (const one of all) byNamespace.get(one.namespace)?.push(one);
  return { entry, all, byNamespace };
}
