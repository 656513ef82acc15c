/** Hosts of one domain in one namespace, called in one way: whether an entry for all of them is worth offering beside their own. */
import { registrableDomain, wildcardDomain } from "../host.ts";
import type { Finding, Sighting, Source } from "../model.ts";
import { namedEntry } from "./entry.ts";
import { type Evidence, evidenceOf } from "./evidence.ts";
import { choosePorts, type PortProtocol } from "./ports.ts";
import { isDistrusted, isUsable } from "./trust.ts";

/** Fewer are better named one by one. */
const fewest = 3;

/** One way in which enough hosts of a family are called. */
export interface FamilyPort {
  number: number;
  protocol: PortProtocol;
  /** The teams each of which calls enough hosts in this way. */
  teams: ReadonlySet<string>;
  /** The hosts they call so, sorted. */
  hosts: string[];
}

/** What one wildcard entry would stand for. */
export interface Family {
  namespace: string;
  /** Registrable, and one party's alone. */
  domain: string;
  /** By number; at least one. */
  ports: FamilyPort[];
  /** Hosts among them that the mesh blocks today, sorted. */
  blocked: string[];
}

/** Whose team a source is; null where nobody knows. */
export type TeamOf = (source: Source) => string | null;

interface Member {
  team: string | null;
  host: string;
  evidence: Evidence;
}

/** The key under which `families` keeps the family of a domain. */
export function familyKey({ cluster, namespace }: Source, domain: string): string {
  return [cluster, namespace, domain].join("\n");
}

/** The families that these findings may belong to: only they are worth a look into memory. */
export function familyKeys(fit: readonly Finding[]): { keys: ReadonlySet<string>; domains: ReadonlySet<string> } {
  const own = fit.flatMap((one) => {
    const domain = memberOf(one)?.domain;
    return domain === undefined ? [] : [{ key: familyKey(one.source, domain), domain }];
  });
  return { keys: new Set(own.map(({ key }) => key)), domains: new Set(own.map(({ domain }) => domain)) };
}

/** Is the sighting of one of these families? Asked of all that is remembered, so it takes the name apart no further than it must. */
export function isKin({ source, destination }: Sighting, { keys, domains }: ReturnType<typeof familyKeys>): boolean {
  const { host } = destination;
  if (host === null) return false;
  for (let dot = host.indexOf("."); dot !== -1; dot = host.indexOf(".", dot + 1)) {
    const parent = host.slice(dot + 1);
    if (domains.has(parent)) return keys.has(familyKey(source, parent));
  }
  return false;
}

/**
 * The families, by `familyKey`: of the findings that may have a manifest (`fit`) and of the remembered sightings akin to them (`kin`,
 * without those that no manifest may rest on). A name that is distrusted, of this run (`doubted`) or remembered, spoils its whole
 * domain in that namespace: a wildcard would let through the very name that was refused. Throws nothing.
 */
export function families(
  fit: readonly Finding[],
  doubted: readonly Finding[],
  kin: readonly Sighting[],
  teamOf: TeamOf,
): Map<string, Family> {
  const isDoubted = (one: Sighting): boolean =>
    one.destination.host !== null && isDistrusted(one.destination.host, one.name ? [one.name] : []);
  const spoilt = new Set([...doubted, ...kin.filter(isDoubted)].map(spoils));
  const members = new Map<string, Member[]>();
  for (const one of [...fit, ...kin.filter((each) => !isDoubted(each))]) {
    const member = memberOf(one);
    const evidence = member === null ? null : evidenceOf(one);
    if (member === null || evidence === null || spoilt.has(member.key)) continue;
    const same = members.get(member.key) ?? [];
    same.push({ team: teamOf(one.source), host: member.host, evidence });
    members.set(member.key, same);
  }
  const found = [...members].map(([key, all]) => {
    const [, namespace = "", domain = ""] = key.split("\n");
    return [key, family(namespace, domain, all)] as const;
  });
  return new Map(found.filter(([, { ports }]) => ports.length > 0));
}

/** Named by Host or SNI, under a domain of one party's, and not that domain itself: `*.example.com` does not match `example.com`. */
function memberOf({
  source,
  destination,
}: Pick<Finding, "source" | "destination">): { key: string; domain: string; host: string } | null {
  const { host, protocol, address } = destination;
  if (host === null || protocol === "tcp" || (address !== null && !isUsable(address))) return null;
  const domain = wildcardDomain(host);
  return domain === null || domain === host ? null : { key: familyKey(source, domain), domain, host };
}

function spoils({ source, destination }: Pick<Finding, "source" | "destination">): string {
  return familyKey(source, (destination.host === null ? null : registrableDomain(destination.host)) ?? "");
}

/** Each host's ports are chosen as in its own entry; a number that two protocols share among the hosts is nobody's. */
function family(namespace: string, domain: string, members: readonly Member[]): Family {
  const called = [...grouped(members, ({ host }) => host)].flatMap(([host, own]) =>
    choosePorts(
      namedEntry(host),
      own.map(({ evidence }) => evidence),
    ).map((port) => ({
      host,
      port,
      by: own.filter(({ evidence }) => evidence.port === port.number && !port.unrouted.has(evidence.protocol)),
    })),
  );
  const ports = [...grouped(called, ({ port }) => port.number)].flatMap(([number, calls]): FamilyPort[] => {
    const [protocol, ...others] = new Set(calls.map(({ port }) => port.protocol));
    if (protocol === undefined || protocol === null || others.length > 0) return [];
    const byTeam = grouped(
      calls.flatMap(({ host, by }) => by.map(({ team }) => ({ host, team }))),
      ({ team }) => team,
    );
    const enough = [...byTeam].flatMap(([team, own]) => {
      const hosts = new Set(own.map(({ host }) => host));
      return team === null || hosts.size < fewest ? [] : [{ team, hosts }];
    });
    const hosts = [...new Set(enough.flatMap((one) => [...one.hosts]))].sort();
    return enough.length === 0 ? [] : [{ number, protocol, teams: new Set(enough.map(({ team }) => team)), hosts }];
  });
  const covered = new Set(ports.flatMap(({ hosts }) => hosts));
  const blocked = members.filter(({ host, evidence }) => covered.has(host) && evidence.verdict === "blocked");
  return {
    namespace,
    domain,
    ports: ports.sort((a, b) => a.number - b.number),
    blocked: [...new Set(blocked.map(({ host }) => host))].sort(),
  };
}

function grouped<Thing, Key>(things: Iterable<Thing>, keyOf: (thing: Thing) => Key): Map<Key, Thing[]> {
  const groups = new Map<Key, Thing[]>();
  for (const thing of things) {
    const key = keyOf(thing);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [thing]);
    else group.push(thing);
  }
  return groups;
}
