/** Names a destination, in order of evidence: what the workload claims, what is known of its addresses, and who agrees. */

import type { Destination, EntryInForce, Name } from "../model.ts";
import { addressKind, parseAddress } from "../words/address.ts";
import type { Agreement } from "./agreement.ts";
import { claimedNames } from "./claims.ts";
import type { KnownHost, Naming } from "./naming.ts";
import type { Failure, PtrNames } from "./ptr-names.ts";
import { inOrder } from "./trust.ts";

/** What is to be named: a finding, an observation or a sighting will do. */
export interface Unnamed {
  destination: Destination;
  /** Canonical addresses seen behind the destination; others are left out. */
  addresses: readonly string[];
}

/** One destination may have any number of addresses; this many tell enough. */
const mostAddresses = 4;
/** Of the many hosts that may answer with one address of a shared front-end. */
const mostHosts = 3;

/**
 * The names of the findings of a run, best first: `names[i]` belongs to `list[i]`; and what could not be looked up, as sentences, one
 * for each cause: a DNS outage is one warning, not thousands. Looks up at most four addresses of each, and of these only addresses of
 * the outside: none of a cluster's own leaves it. A name that a workload wrote is looked up only where it is trusted already.
 * @param before what could not be looked up earlier in the run, to be said with the rest
 */
export async function nameAll(
  list: readonly Unnamed[],
  naming: Naming,
  before: readonly Failure[] = [],
): Promise<{ names: Name[][]; failures: string[] }> {
  const named = await Promise.all(list.map((unnamed) => nameOne(unnamed, naming)));
  return {
    names: named.map(({ names }) => names),
    failures: sentences([...before, ...named.flatMap(({ failures }) => failures)]),
  };
}

async function nameOne({ destination, addresses }: Unnamed, naming: Naming): Promise<PtrNames> {
  const seen = [destination.address, ...[...addresses].sort()].map((text) =>
    text === null ? null : parseAddress(text),
  );
  const known = [...new Set(seen)].filter((address) => address !== null);
  const outside = known.filter((address) => addressKind(address) === "outside").slice(0, mostAddresses);
  const found = await Promise.all(outside.map(naming.ptr));
  const claims = await Promise.all(
    claimedNames(destination).map((claim) => checked(claim, { known, outside, found }, naming)),
  );
  const others = known
    .slice(0, mostAddresses)
    .flatMap((address) => [
      ...naming.entriesAt(address).flatMap((entry) => entryNames(entry, address)),
      ...naming.hostsAt(address).slice(0, mostHosts).map(forwardName),
    ]);
  const networks = await Promise.all(outside.map(naming.networks.names));
  return {
    names: inOrder([
      ...claims.map(({ name }) => name),
      ...others,
      ...networks.flat(),
      ...found.flatMap(({ names }) => names),
    ]),
    failures: [...found.flatMap(({ failures }) => failures), ...claims.flatMap(({ failures }) => failures)],
  };
}

const entryNames = ({ hosts, namespace, name }: EntryInForce, address: string): Name[] =>
  hosts
    .filter((host) => !host.startsWith("*"))
    .slice(0, mostHosts)
    .map((host) => ({
      name: host,
      from: "service-entry",
      trust: "confirmed",
      why: `the ServiceEntry ${namespace}/${name}, which is in force, holds ${address}`,
    }));

const forwardName = ({ host, why }: KnownHost): Name => ({ name: host, from: "forward", trust: "confirmed", why });

interface Known {
  known: readonly string[];
  outside: readonly string[];
  found: readonly PtrNames[];
}

/** A claim after DNS has spoken: asked for where the name is trusted, else only what was said about it on the way. */
async function checked(claim: Name, seen: Known, naming: Naming): Promise<{ name: Name; failures: Failure[] }> {
  if (claim.trust !== "claimed" || seen.outside.length === 0) return { name: claim, failures: [] };
  if (!naming.trusting(claim.name)) return { name: settled(claim, seen), failures: [] };
  const all = await Promise.all(seen.outside.map((address) => naming.agree(claim.name, address)));
  const failures = all.flatMap(({ failure }) =>
    failure === null ? [] : [{ asked: `the address of ${claim.name}`, why: failure }],
  );
  return { name: agreed(claim, all, seen.outside.length === seen.known.length), failures };
}

/** Confirmed where every address known confirms it, contradicted where one denies it. */
function agreed(claim: Name, all: readonly Agreement[], isAll: boolean): Name {
  const said = claim.why.replace(/; nothing confirms it/, "");
  const against = all.find(({ trust }) => trust === "contradicted");
  if (against !== undefined) return { ...claim, trust: "contradicted", why: `${said}${against.why}` };
  const doubtful = all.find(({ trust }) => trust === "claimed");
  if (doubtful !== undefined) return { ...claim, why: `${said}${doubtful.why}` };
  return isAll ? { ...claim, trust: "confirmed", why: `${said}${all[0]?.why}` } : claim;
}

/** The same where the name itself may not be asked for: PTR records may have told. One address of several proves nothing. */
function settled(claim: Name, { known, found }: Known): Name {
  const said = found.flatMap(({ names }) => names).filter(({ name }) => name === claim.name);
  const against = said.find(({ trust }) => trust === "contradicted");
  if (against !== undefined)
    return { ...claim, trust: "contradicted", why: `the workload says so, and ${against.why}` };
  const confirmed = found.filter(({ names }) =>
    names.some(({ name, trust }) => name === claim.name && trust === "confirmed"),
  );
  const first = said[0];
  if (first === undefined || confirmed.length < known.length) return claim;
  return { ...claim, trust: "confirmed", why: `the workload says so, and ${first.why}` };
}

/** Failures by cause, the most frequent first. */
function sentences(failures: readonly Failure[]): string[] {
  const byCause = new Map<string, Set<string>>();
  for (const { asked, why } of failures) byCause.set(why, (byCause.get(why) ?? new Set()).add(asked));
  return [...byCause]
    .map(([why, asked]) => ({ why, asked: [...asked].sort() }))
    .sort((one, other) => other.asked.length - one.asked.length || (one.why < other.why ? -1 : 1))
    .map(({ why, asked }) => `${asked[0]}${asked.length > 1 ? ` and ${asked.length - 1} more look-ups` : ""}: ${why}`);
}
