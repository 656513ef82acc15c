/** Names a destination, in order of evidence: what the workload claims, what the PTR records of its addresses say, and who agrees. */
import { addressKind, parseAddress } from "../address.ts";
import type { Destination, Name } from "../model.ts";
import { claimedNames } from "./claims.ts";
import { type Failure, type PtrNames, ptrNames } from "./ptr-names.ts";
import type { Lookup, Resolver } from "./resolver.ts";
import { inOrder } from "./trust.ts";

/** What is to be named: a finding, an observation or a sighting will do. */
export interface Unnamed {
  destination: Destination;
  /** Canonical addresses seen behind the destination; others are left out. */
  addresses: readonly string[];
}

/** One destination may have any number of addresses; this many tell enough. */
const mostAddresses = 4;

/**
 * The names of one destination, best first, and what could not be looked up, as sentences (empty where all was answered). Looks up
 * the PTR records of at most four addresses, and of these only addresses of the outside: none of a cluster's own leaves it.
 */
export async function nameDestination(
  destination: Destination,
  addresses: readonly string[],
  resolver: Resolver,
): Promise<{ names: Name[]; failures: string[] }> {
  const { names, failures } = await nameAll([{ destination, addresses }], resolver);
  return { names: names[0] ?? [], failures };
}

/**
 * The same for the findings of a run: `names[i]` belongs to `list[i]`. Each address and each name is looked up once however many
 * findings share it, and failures with one cause are one sentence: a DNS outage is one warning, not thousands.
 */
export async function nameAll(
  list: readonly Unnamed[],
  resolver: Resolver,
): Promise<{ names: Name[][]; failures: string[] }> {
  const asking = askedOnce(resolver);
  const lookUp = remembered((address: string) => ptrNames(address, asking));
  const named = await Promise.all(list.map((unnamed) => nameOne(unnamed, lookUp)));
  return { names: named.map(({ names }) => names), failures: sentences(named.flatMap(({ failures }) => failures)) };
}

async function nameOne(
  { destination, addresses }: Unnamed,
  lookUp: (address: string) => Promise<PtrNames>,
): Promise<PtrNames> {
  const seen = [destination.address, ...[...addresses].sort()].map((text) =>
    text === null ? null : parseAddress(text),
  );
  const known = [...new Set(seen)].filter((address) => address !== null);
  const outside = known.filter((address) => addressKind(address) === "outside").slice(0, mostAddresses);
  const found = await Promise.all(outside.map(lookUp));
  const claims = claimedNames(destination).map((claim) => settled(claim, found, known.length));
  return {
    names: inOrder([...claims, ...found.flatMap(({ names }) => names)]),
    failures: found.flatMap(({ failures }) => failures),
  };
}

/**
 * A claim after DNS has spoken about the same name: confirmed where every address known confirms it, contradicted where one denies
 * it. One address of several proves nothing about what the workload reaches at the others.
 */
function settled(claim: Name, found: readonly PtrNames[], addresses: number): Name {
  if (claim.trust !== "claimed") return claim;
  const said = found.flatMap(({ names }) => names).filter(({ name }) => name === claim.name);
  const against = said.find(({ trust }) => trust === "contradicted");
  if (against !== undefined)
    return { ...claim, trust: "contradicted", why: `the workload says so, and ${against.why}` };
  const confirmed = found.filter(({ names }) =>
    names.some(({ name, trust }) => name === claim.name && trust === "confirmed"),
  );
  const first = said[0];
  if (first === undefined || confirmed.length < addresses) return claim;
  return { ...claim, trust: "confirmed", why: `the workload says so, and ${first.why}` };
}

/** The resolver with a memory, and with its word kept: a look-up never throws, and a failure costs a name, not the run. */
function askedOnce(resolver: Resolver): Resolver {
  const guarded = (ask: () => Promise<Lookup>): Promise<Lookup> =>
    ask().catch((thrown: unknown) => ({ status: "failed", why: thrown instanceof Error ? thrown.name : "unknown" }));
  const forward = {
    4: remembered((host: string) => guarded(() => resolver.forward(host, 4))),
    6: remembered((host: string) => guarded(() => resolver.forward(host, 6))),
  };
  return {
    servers: resolver.servers,
    reverse: (address) => guarded(() => resolver.reverse(address)),
    forward: (host, family) => forward[family](host),
  };
}

function remembered<Answer>(ask: (key: string) => Promise<Answer>): (key: string) => Promise<Answer> {
  const answers = new Map<string, Promise<Answer>>();
  return (key) => {
    const answer = answers.get(key) ?? ask(key);
    answers.set(key, answer);
    return answer;
  };
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
