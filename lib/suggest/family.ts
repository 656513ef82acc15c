/** Hosts of one domain in one namespace, called in one way: whether an entry for all of them is worth offering beside their own. */

import type { Finding, Sighting, Source } from "../model.ts";
import { registrableDomain, wildcardDomain } from "../words/domain.ts";
import { evidenceOf } from "./evidence.ts";
import { type FamilyPort, familyPorts, type Member } from "./family-ports.ts";
import { isDoubted, isUsable } from "./trust.ts";

/** What one wildcard entry would stand for. */
export interface Family {
  namespace: string;
  /** Registrable, and one party's alone. */
  domain: string;
  /** By number; at least one. */
  ports: FamilyPort[];
}

/** Whose team a source is; null where nobody knows. */
export type TeamOf = (source: Source) => string | null;

type Place = Pick<Finding, "source" | "destination">;

/**
 * The key of the family that a finding or sighting is of; null where it is of none. It takes a Host or SNI under a domain that is one
 * party's alone, and not that domain itself: `*.example.com` does not match `example.com`. Raw TCP sends no name to match.
 */
export function familyOf({ source, destination }: Place): string | null {
  const { host, protocol, address } = destination;
  if (host === null || protocol === "tcp" || (address !== null && !isUsable(address))) return null;
  const domain = wildcardDomain(host);
  return domain === null || domain === host ? null : keyOf(source, domain);
}

/**
 * Tells whether a sighting is of a family of these findings. It is asked of all that may bear on them, so it takes a name apart
 * no further than it must.
 */
export function kinOf(fit: readonly Finding[]): (sighting: Sighting) => boolean {
  const keys = new Set(fit.flatMap((one) => familyOf(one) ?? []));
  const domains = new Set([...keys].map(domainOf));
  return ({ source, destination: { host } }) => {
    if (host === null || keys.size === 0) return false;
    for (let dot = host.indexOf("."); dot !== -1; dot = host.indexOf(".", dot + 1)) {
      const parent = host.slice(dot + 1);
      if (domains.has(parent)) return keys.has(keyOf(source, parent));
    }
    return false;
  };
}

/**
 * The families by their keys: of the findings that may have a manifest (`fit`), and of the remembered sightings akin to them (`kin`)
 * that a manifest may rest on. A distrusted name, of this run (`doubted`) or remembered, spoils its whole domain in that namespace:
 * a wildcard would let through the very name that was refused. Throws nothing.
 */
export function families(
  fit: readonly Finding[],
  doubted: readonly Finding[],
  kin: readonly Sighting[],
  teamOf: TeamOf,
): Map<string, Family> {
  const spoilt = new Set([...doubted, ...kin.filter((one) => isDoubted(one.destination, [one.name]))].map(domainKey));
  const members = new Map<string, Member[]>();
  for (const one of [...fit, ...kin]) {
    const key = familyOf(one);
    const evidence = key === null || spoilt.has(key) ? null : evidenceOf(one);
    if (key === null || evidence === null) continue;
    const same = members.get(key) ?? [];
    same.push({ team: teamOf(one.source), host: one.destination.host ?? "", evidence });
    members.set(key, same);
  }
  const found = [...members].map(([key, all]): [string, Family] => {
    const [, namespace = ""] = key.split("\n");
    return [key, { namespace, domain: domainOf(key), ports: familyPorts(all) }];
  });
  return new Map(found.filter(([, { ports }]) => ports.length > 0));
}

/** Of any name, be it one that no wildcard may stand for: the wildcard of its domain would cover it all the same. */
function domainKey({ source, destination }: Place): string {
  return keyOf(source, destination.host === null ? "" : (registrableDomain(destination.host) ?? ""));
}

function keyOf({ cluster, namespace }: Source, domain: string): string {
  return `${cluster}\n${namespace}\n${domain}`;
}

const domainOf = (key: string): string => key.slice(key.lastIndexOf("\n") + 1);
