/** A resolver that knows what the DNS said in earlier runs, for as long as it holds. Pure but for the resolver it asks. */
import type { Answer } from "../model.ts";
import { answerLimits, holds, type Lookup, type Resolver } from "./resolver.ts";

export interface Remembering {
  resolver: Resolver;
  /** What is worth remembering of this run: answers that are new or say something else, by question. */
  answers(): Answer[];
  /** Every address that the canonical host name answered with in the last week, this run included, and when it did last, ms. */
  seen(host: string, family: 4 | 6): ReadonlyMap<string, number>;
}

const hour = 60 * 60_000;
const week = 7 * 24 * hour;

/**
 * What holds is not asked again; what holds no longer is, and is never handed out: where the DNS fails, the failure is. `again`
 * always asks, and what it brings is added to what the name answered with before in this run.
 * @param known answers of earlier runs, by question
 * @param now when the DNS is asked, ms: the real time, also of a run that looks at the past
 */
export function remembering(resolver: Resolver, known: ReadonlyMap<string, Answer>, now: number): Remembering {
  const fresh = new Map<string, Answer>();
  const holding = (question: string): Answer | null => {
    const answer = known.get(question);
    return answer !== undefined && isHolding(answer, now) ? answer : null;
  };

  function keep(question: string, lookup: Lookup): Lookup {
    if (lookup.status === "failed") return lookup;
    const before = fresh.get(question) ?? holding(question);
    const seen = before?.seen ?? known.get(question)?.seen ?? [];
    fresh.set(question, joined(question, lookup, { before, seen, now }));
    return lookup;
  }

  async function ask(question: string, look: () => Promise<Lookup>): Promise<Lookup> {
    const answer = holding(question);
    return answer === null ? keep(question, await look()) : toLookup(answer, now);
  }

  return {
    resolver: {
      servers: resolver.servers,
      reverse: (address) => ask(`ptr ${address}`, () => resolver.reverse(address)),
      forward: (host, family) => ask(`${family} ${host}`, () => resolver.forward(host, family)),
      again: async (host, family) => keep(`${family} ${host}`, await resolver.again(host, family)),
    },
    answers: () =>
      [...fresh.values()]
        .filter((one) => isWorthWriting(one, holding(one.question)))
        .sort((one, other) => (one.question < other.question ? -1 : 1)),
    seen(host, family) {
      const question = `${family} ${host}`;
      return new Map(lately((fresh.get(question) ?? known.get(question))?.seen ?? [], now));
    },
  };
}

/** An answer from the future is of a clock that was wrong, and none holds for longer than any of ours does. */
const isHolding = ({ at, until }: Answer, now: number): boolean => at <= now && now < Math.min(until, at + holds.names);

const toLookup = ({ values, until }: Answer, now: number): Lookup =>
  values.length === 0
    ? { status: "none", ttl: until - now }
    : { status: "found", values: [...values], ttl: until - now };

/** What the DNS says now, and what it said before in this run: a pool shows some of its addresses each time. */
function joined(
  question: string,
  lookup: Exclude<Lookup, { status: "failed" }>,
  { before, seen, now }: { before: Answer | null; seen: Answer["seen"]; now: number },
): Answer {
  const isName = !question.startsWith("ptr ");
  const said = lookup.status === "found" ? lookup.values : [];
  const values = [...new Set([...(before?.values ?? []), ...said])].sort();
  const most = isName ? answerLimits.addresses : answerLimits.names;
  const until = now + lookup.ttl;
  return {
    question,
    values: values.slice(0, most),
    at: now,
    until: before === null ? until : Math.min(until, before.until),
    seen: isName ? lately([...seen, ...said.map((address) => [address, now] as const)], now) : [],
  };
}

/** Each address once, with its latest time, of the last week, the newest in front and no more than an answer may have. */
function lately(seen: Answer["seen"], now: number): Answer["seen"] {
  const latest = new Map<string, number>();
  for (const [address, at] of seen) latest.set(address, Math.min(now, Math.max(at, latest.get(address) ?? at)));
  return [...latest]
    .filter(([, at]) => at > now - week)
    .sort(([one, early], [other, late]) => late - early || (one < other ? -1 : 1))
    .slice(0, answerLimits.addresses);
}

/** Against the answer that still held when it was asked again; null where none did. */
function isWorthWriting(answer: Answer, held: Answer | null): boolean {
  if (held === null || answer.values.join(" ") !== held.values.join(" ")) return true;
  const stored = new Map(held.seen);
  return answer.seen.some(([address, at]) => at - (stored.get(address) ?? Number.NEGATIVE_INFINITY) > hour);
}
