/** All that naming asks in one run: each question once, however many findings share it. */

import type { EntryInForce } from "../model.ts";
import { addressKind, parseAddress } from "../words/address.ts";
import { type Agreement, type Asking, agreement } from "./agreement.ts";
import { type Networks, noNetworks, ptrMarks } from "./networks.ts";
import { type Failure, type PtrNames, ptrNames } from "./ptr-names.ts";
import type { Lookup, Resolver } from "./resolver.ts";
import type { Trusting } from "./trusted.ts";

/** What a run names with; all but the resolver may be left out. */
export interface NamingParts {
  resolver: Resolver;
  seen?: Asking["seen"];
  networks?: Networks;
  /** Not given: no name. */
  trusting?: Trusting | undefined;
  entries?: readonly EntryInForce[];
}

/** A host that this mesh is known to use, and how we know. */
export interface KnownHost {
  host: string;
  why: string;
}

export interface Naming {
  agree(host: string, address: string): Promise<Agreement>;
  ptr(address: string): Promise<PtrNames>;
  networks: Networks;
  trusting: Trusting;
  /** ServiceEntries in force that hold the address itself (not only a network around it). */
  entriesAt(address: string): EntryInForce[];
  /** Hosts of the forward index that answer, or answered in the last week, with the address, which `why` says. */
  hostsAt(address: string): readonly KnownHost[];
  /** Looks up hosts for the index; says why where it could not. */
  index(hosts: readonly KnownHost[], families: ReadonlySet<4 | 6>): Promise<Failure[]>;
}

export function naming(parts: NamingParts): Naming {
  const { networks = noNetworks, trusting = () => false, entries = [], seen = () => new Map() } = parts;
  const resolver = guarded(parts.resolver);
  const reverse = once((address: string) => resolver.reverse(address));
  const marks = once(
    async (address: string) =>
      new Set([
        ...(await networks.marks(address)),
        ...(await ptrMarks(address, await reverse(address), resolver.forward)),
      ]),
  );
  const again = once((host: string, family: 4 | 6, _time: number) => resolver.again(host, family));
  const asking: Asking = { forward: resolver.forward, again, seen, marks };
  const agree = once((host: string, address: string) => agreement(host, address, asking));
  const answering = new Map<string, KnownHost[]>();
  const byAddress = entriesByAddress(entries);
  return {
    agree,
    ptr: once(async (address: string) => ptrNames(address, await reverse(address), agree)),
    networks,
    trusting,
    entriesAt: (address) => byAddress.get(address) ?? [],
    hostsAt: (address) => answering.get(address) ?? [],
    async index(hosts, families) {
      const pairs = hosts.flatMap((known) => [...families].map((family) => ({ known, family })));
      const lookups = await Promise.all(pairs.map(({ known, family }) => resolver.forward(known.host, family)));
      for (const [place, { known, family }] of pairs.entries()) {
        const now = lookups[place];
        const values = now?.status === "found" ? now.values : [];
        // As with a single name: one that leads inside as well confirms nothing (DNS rebinding, Istio's own DNS proxy).
        if (values.some((value) => !isOutside(value))) continue;
        const late = [...seen(known.host, family).keys()].filter((one) => isOutside(one) && !values.includes(one));
        const answers = [
          ...values.map((address) => [address, `, and it resolves to ${address}`] as const),
          ...late.map((address) => [address, `, and it resolved to ${address} in the last week`] as const),
        ];
        for (const [address, and] of answers) {
          const all = answering.get(address) ?? [];
          answering.set(address, [...all, { host: known.host, why: `${known.why}${and}` }]);
        }
      }
      return lookups.flatMap((one, place) =>
        one.status === "failed" ? [{ asked: `the address of ${pairs[place]?.known.host}`, why: one.why }] : [],
      );
    },
  };
}

const isOutside = (address: string): boolean => addressKind(address) === "outside";

function entriesByAddress(entries: readonly EntryInForce[]): Map<string, EntryInForce[]> {
  const byAddress = new Map<string, EntryInForce[]>();
  for (const entry of entries) {
    for (const address of new Set([...entry.endpoints, ...entry.addresses.map(single)])) {
      const all = byAddress.get(address);
      if (all === undefined) byAddress.set(address, [entry]);
      else all.push(entry);
    }
  }
  return byAddress;
}

/** `203.0.113.7/32` without its length, canonical: of IPv6, 32 bits are a provider's. */
function single(range: string): string {
  const base = range.replace(range.includes(":") ? /\/128$/ : /\/32$/, "");
  return parseAddress(base) ?? base;
}

/** A look-up never throws: a failure costs a name, not the run. */
function guarded(resolver: Resolver): Resolver {
  const safe = (ask: () => Promise<Lookup>): Promise<Lookup> =>
    ask().catch((thrown: unknown) => ({ status: "failed", why: thrown instanceof Error ? thrown.name : "unknown" }));
  return {
    servers: resolver.servers,
    reverse: (address) => safe(() => resolver.reverse(address)),
    forward: once((host, family) => safe(() => resolver.forward(host, family))),
    again: (host, family) => safe(() => resolver.again(host, family)),
  };
}

function once<Q extends readonly (string | number)[], A>(ask: (...question: Q) => Promise<A>) {
  const answers = new Map<string, Promise<A>>();
  return (...question: Q): Promise<A> => {
    const key = JSON.stringify(question);
    const answer = answers.get(key) ?? ask(...question);
    answers.set(key, answer);
    return answer;
  };
}
