/** A resolver that answers from a table, for tests of what is made of the answers; the DNS itself is tested against real servers. */
import type { Lookup, Resolver } from "../../lib/enrich/resolver.ts";

export interface FakeResolver extends Resolver {
  /** What it was asked, in order: `ptr ADDRESS`, `4 HOST`, `6 HOST`, `again 4 HOST`, `again 6 HOST`. */
  asked: string[];
}

/** One answer for good, several in turn (the last for good), or why it failed. */
export type FakeAnswer = string[] | string[][] | { failed: string };

/** How long its answers hold, ms. */
export const fakeTtl = { found: 60_000, none: 900_000 };

/**
 * Keys as in `asked`; `4 HOST` stands for `again 4 HOST` too where that is not in the table. What is not in it does not exist.
 */
export function fakeResolver(answers: Record<string, FakeAnswer>): FakeResolver {
  const asked: string[] = [];
  const times = new Map<string, number>();
  const answer = async (name: string): Promise<Lookup> => {
    asked.push(name);
    const key = Object.hasOwn(answers, name) ? name : name.replace(/^again /, "");
    const time = times.get(key) ?? 0;
    times.set(key, time + 1);
    const known = Object.hasOwn(answers, key) ? answers[key] : undefined;
    if (known === undefined) return { status: "none", ttl: fakeTtl.none };
    if (!Array.isArray(known)) return { status: "failed", why: known.failed };
    const turn = known[Math.min(time, known.length - 1)];
    const values = Array.isArray(turn) ? turn : known.filter((value) => typeof value === "string");
    return { status: "found", values, ttl: fakeTtl.found };
  };
  return {
    asked,
    servers: ["192.0.2.53:53"],
    reverse: (address) => answer(`ptr ${address}`),
    forward: (host, family) => answer(`${family} ${host}`),
    again: (host, family) => answer(`again ${family} ${host}`),
  };
}
