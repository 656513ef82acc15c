/** All that naming asks in one run: each question once, however many findings share it. */
import { inRanges } from "../address.ts";
import type { EntryInForce } from "../model.ts";
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
  trusting?: Trusting;
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
  /** Hosts of the forward index that answer, or answered in the last week, with the address. */
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
      new Set([...(await networks.marks(address)), ...ptrMarks(address, await reverse(address))]),
  );
  const asking: Asking = { resolver, seen, marks };
  const agreed = once((pair: string) => {
    const [host = "", address = ""] = pair.split(" ");
    return agreement(host, address, asking);
  });
  const agree = (host: string, address: string) => agreed(`${host} ${address}`);
  const answering = new Map<string, KnownHost[]>();
  return {
    agree,
    ptr: once(async (address: string) => ptrNames(address, await reverse(address), agree)),
    networks,
    trusting,
    entriesAt: (address) =>
      entries.filter(
        (entry) => entry.endpoints.includes(address) || entry.addresses.some((one) => isSame(one, address)),
      ),
    hostsAt: (address) => answering.get(address) ?? [],
    async index(hosts, families) {
      const pairs = hosts.flatMap((known) => [...families].map((family) => ({ known, family })));
      const lookups = await Promise.all(pairs.map(({ known, family }) => resolver.forward(known.host, family)));
      for (const [place, { known, family }] of pairs.entries()) {
        const now = lookups[place];
        const values = now?.status === "found" ? now.values : [];
        for (const address of new Set([...values, ...seen(known.host, family).keys()])) {
          answering.set(address, [...(answering.get(address) ?? []), known]);
        }
      }
      return lookups.flatMap((one, place) =>
        one.status === "failed" ? [{ asked: `the address of ${pairs[place]?.known.host}`, why: one.why }] : [],
      );
    },
  };
}

/** `203.0.113.7`, or that as a network of one. */
const isSame = (text: string, address: string) =>
  text === address || (/\/(32|128)$/.test(text) && inRanges(address, [text]));

/** A look-up never throws: a failure costs a name, not the run. */
function guarded(resolver: Resolver): Resolver {
  const safe = (ask: () => Promise<Lookup>): Promise<Lookup> =>
    ask().catch((thrown: unknown) => ({ status: "failed", why: thrown instanceof Error ? thrown.name : "unknown" }));
  const forward = {
    4: once((host) => safe(() => resolver.forward(host, 4))),
    6: once((host) => safe(() => resolver.forward(host, 6))),
  };
  return {
    servers: resolver.servers,
    reverse: (address) => safe(() => resolver.reverse(address)),
    forward: (host, family) => forward[family](host),
    again: (host, family) => safe(() => resolver.again(host, family)),
  };
}

function once<T>(ask: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const answers = new Map<string, Promise<T>>();
  return (key) => {
    const answer = answers.get(key) ?? ask(key);
    answers.set(key, answer);
    return answer;
  };
}
