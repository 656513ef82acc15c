/** What a run recognises addresses by: what the DNS said before, and who answers now of all hosts that the mesh is known to use. No I/O of its own. */

import { findingId } from "./detect/finding-id.ts";
import { familiesOf, knownHosts } from "./enrich/known-hosts.ts";
import { nameLate, withName } from "./enrich/late.ts";
import { type Naming, type NamingParts, naming } from "./enrich/naming.ts";
import type { Failure } from "./enrich/ptr-names.ts";
import { remembering } from "./enrich/remembering.ts";
import type { Trusting } from "./enrich/trusted.ts";
import type { Answer, Finding, Sighting } from "./model.ts";
import type { Store } from "./remember/store.ts";
import type { Rulings } from "./verdicts/rulings.ts";
import type { Doubts } from "./watch/claims.ts";
import { addressKind } from "./words/address.ts";
import type { Memory } from "./words/memory.ts";

export interface Recognition {
  naming: Naming;
  doubts: Doubts;
  /** What could not be looked up for the index. */
  failures: Failure[];
  /** What the DNS said anew, to be remembered. */
  answers(): Answer[];
}

/**
 * Looks up the hosts of the forward index, as far as what is remembered of them holds no longer.
 * @param approved ids of findings that a verdict approves, with the keys of their sightings as far as those are known: names under the
 *   domains of their hosts may be looked up, too
 */
export async function recognise(
  { store, approved = none, ...parts }: NamingParts & { store: Store; approved?: Rulings["approved"] },
  { cluster, now }: { cluster: string; now: number },
  memory: ReadonlyMap<string, Sighting>,
): Promise<Recognition> {
  const known = remembering(parts.resolver, await store.answers(cluster), now);
  const isTrusted = anyOf(parts.trusting, await trustingHosts(approvedHosts(memory, approved)));
  const names = naming({ ...parts, trusting: isTrusted, resolver: known.resolver, seen: known.seen });
  const hosts = isTrusted === undefined ? [] : knownHosts(parts.entries ?? [], memory.values(), isTrusted);
  return {
    naming: names,
    failures: hosts.length === 0 ? [] : await names.index(hosts, familiesOf(addressesOf(memory.values()))),
    doubts: (host, address) =>
      names.trusting(host) &&
      addressKind(address) === "outside" &&
      !names.hostsAt(address).some((one) => one.host === host),
    answers: known.answers,
  };
}

/** Names under the domains of these hosts may be looked up. */
async function trustingHosts(hosts: string[]): Promise<Trusting | undefined> {
  return hosts.length === 0 ? undefined : (await import("./enrich/trusted.ts")).trusting([{ hosts }], []);
}

/** Undefined where no name may be looked up: then none is looked for among all that is remembered. */
function anyOf(own: Trusting | undefined, other: Trusting | undefined): Trusting | undefined {
  return own === undefined || other === undefined ? (own ?? other) : (host) => own(host) || other(host);
}

function* addressesOf(sightings: Iterable<Sighting>): Generator<string> {
  for (const { destination } of sightings) if (destination.address !== null) yield destination.address;
}

const none: Rulings["approved"] = new Map();

/** The kinds of findings that are about one sighting, and whose approval speaks for its name. */
const kinds = ["new-destination", "new-blocked"] as const;

function approvedHosts(memory: ReadonlyMap<string, Sighting>, approved: Rulings["approved"]): string[] {
  const keys = [...approved.values()];
  // An id is a hash: of one that nobody was told of, it is to be looked for among all.
  const sightings = keys.includes(null) ? [...memory.values()] : keys.flatMap((key) => memory.get(key ?? "") ?? []);
  return sightings.flatMap(({ key, destination, name }) => {
    const host = destination.host ?? (name?.trust === "confirmed" ? name.name : null);
    return host !== null && kinds.some((kind) => approved.has(findingId(kind, key))) ? [host] : [];
  });
}

/**
 * The sightings to be remembered with their names: those of this run's findings, and some of what is still without one.
 * @param late false where nothing but this run's findings is to be named
 */
export async function withNames(
  sightings: readonly Sighting[],
  findings: readonly Finding[],
  memory: Memory,
  { naming: names, to, late }: { naming: Naming; to: number; late: boolean },
): Promise<Sighting[]> {
  const named = new Map(findings.filter((one) => one.destination.host === null).map((one) => [one.key, one.names]));
  const now = sightings.map((one) => {
    const found = named.get(one.key);
    // Without a name it is not done with: it may be that nobody could be asked.
    return found === undefined || found.length === 0 ? one : withName(one, found, to);
  });
  if (!late) return now;
  const again = new Set(now.map((one) => one.key));
  const nameless = memory.nameless().filter((one) => !again.has(one.key));
  const more = await nameLate([...nameless, ...now], names, to);
  return [...new Map([...now, ...more].map((one) => [one.key, one])).values()];
}
