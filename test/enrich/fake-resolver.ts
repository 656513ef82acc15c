/** A resolver that answers from a table, for tests of what is made of the answers; the DNS itself is tested against real servers. */
import type { Lookup, Resolver } from "../../lib/enrich/resolver.ts";

export interface FakeResolver extends Resolver {
  /** What it was asked, in order: `ptr ADDRESS`, `4 HOST`, `6 HOST`. */
  asked: string[];
}

/** Keys as in `asked`; values: the answer's values, or why it failed. What is not in the table does not exist. */
export function fakeResolver(answers: Record<string, string[] | { failed: string }>): FakeResolver {
  const asked: string[] = [];
  const answer = async (key: string): Promise<Lookup> => {
    asked.push(key);
    const known = Object.hasOwn(answers, key) ? answers[key] : undefined;
    if (known === undefined) return { status: "none" };
    return Array.isArray(known) ? { status: "found", values: known } : { status: "failed", why: known.failed };
  };
  return {
    asked,
    servers: ["192.0.2.53:53"],
    reverse: (address) => answer(`ptr ${address}`),
    forward: (host, family) => answer(`${family} ${host}`),
  };
}
