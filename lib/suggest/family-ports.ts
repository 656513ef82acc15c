/** In which ways the hosts of a family are called, and by whose workloads: the ports that an entry for all of them may have. */
import { namedEntry } from "./entry.ts";
import type { Evidence } from "./evidence.ts";
import { choosePorts, type Port, type PortProtocol } from "./ports.ts";

/** A host of a family, seen once. */
export interface Member {
  /** Null where nobody knows: such a call adds to nobody's number. */
  team: string | null;
  host: string;
  evidence: Evidence;
}

/** One way in which enough hosts of a family are called by one team. */
export interface FamilyPort {
  number: number;
  protocol: PortProtocol;
  /** The teams each of which calls enough hosts in this way. */
  teams: ReadonlySet<string>;
  /** The hosts they call so, sorted. */
  hosts: string[];
  /** Those of them that the mesh blocks today, sorted. */
  blocked: string[];
  /** Their calls. */
  evidence: Evidence[];
}

/** Fewer are better named one by one. */
const fewestHosts = 3;

/** A host's port as its own entry has it, and who calls it so. */
interface Call {
  host: string;
  port: Port;
  by: Member[];
}

/**
 * The ports, by number, that one team calls at three hosts or more. A port number has the protocol that it has in the hosts' own
 * entries; one that has two protocols among the hosts is left out. Throws nothing.
 */
export function familyPorts(members: readonly Member[]): FamilyPort[] {
  const calls = [...grouped(members, ({ host }) => host)].flatMap(([host, own]) => callsOf(host, own));
  return [...grouped(calls, ({ port }) => port.number)]
    .flatMap(([number, all]) => familyPort(number, all) ?? [])
    .sort((a, b) => a.number - b.number);
}

function callsOf(host: string, members: readonly Member[]): Call[] {
  const ports = choosePorts(
    namedEntry(host),
    members.map(({ evidence }) => evidence),
  );
  return ports.map((port) => ({ host, port, by: members.filter(({ evidence }) => isRouted(evidence, port)) }));
}

function isRouted(evidence: Evidence, port: Port): boolean {
  return evidence.port === port.number && !port.unrouted.has(evidence.protocol);
}

function familyPort(number: number, all: readonly Call[]): FamilyPort | null {
  const [protocol, ...others] = new Set(all.map(({ port }) => port.protocol));
  if (protocol === undefined || protocol === null || others.length > 0) return null;
  const byTeam = grouped(
    all.flatMap(({ by }) => by),
    ({ team }) => team,
  );
  const teams = new Set<string>();
  const hosts = new Set<string>();
  const blocked = new Set<string>();
  const calls: Evidence[] = [];
  for (const [team, own] of byTeam) {
    const called = new Set(own.map(({ host }) => host));
    if (team === null || called.size < fewestHosts) continue;
    teams.add(team);
    for (const { host, evidence } of own) {
      hosts.add(host);
      calls.push(evidence);
      if (evidence.verdict === "blocked") blocked.add(host);
    }
  }
  if (teams.size === 0) return null;
  return { number, protocol, teams, hosts: [...hosts].sort(), blocked: [...blocked].sort(), evidence: calls };
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
