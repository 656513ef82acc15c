/** Whom to ask a question, how often, and when to stop: all of a look-up but the asking itself, which is passed in. */
import pLimit, { type LimitFunction } from "p-limit";
import type { Pace } from "./pace.ts";
import type { Lookup } from "./resolver.ts";
import { patienceWithZone, zoneBook } from "./zones.ts";

/** What came of asking one server once, with the error's code where another try might do better (codes of node:dns). */
export interface Try {
  lookup: Lookup;
  code: string | null;
}

export interface TriesSettings<Question> {
  servers: readonly string[];
  /** One question to one server, at most `patience` milliseconds. Never throws. */
  askOnce: (server: string, question: Question, patience: number) => Promise<Try>;
  /** A question that every server answers by itself, whatever is dead behind it. */
  simple: Question;
  /** Milliseconds one question waits for one server. */
  deadline: number;
  /** Questions under way at once. */
  concurrency: number;
  clock: Pace;
  /** Why a look-up fails once the clock's budget is used up. */
  spent: string;
}

/** Codes of a server that is not there; the others come from one that is. */
const away = new Set(["ETIMEOUT", "ECONNREFUSED"]);

/**
 * A way to ask questions, each with its zone (see zones.ts). A question goes to each server at most once, the best first; where there
 * is one server, a time-out is asked again, behind all who wait by then. Never throws; it fails at once where the zone, all servers
 * or the clock's budget are given up.
 */
export function tries<Question>(
  settings: TriesSettings<Question>,
): (zone: string, question: Question) => Promise<Lookup> {
  const { servers, askOnce, deadline, clock } = settings;
  const zones = zoneBook(servers);
  const limit = pLimit(settings.concurrency);
  const gates = gatesOf();
  /** The one to ask first in front. */
  let order = servers;
  let knocked: Promise<void> | null = null;

  /** Are the servers dead, or only all zones asked about so far? Once. */
  async function knock(): Promise<void> {
    const patience = Math.max(1, Math.min(deadline, clock.left()));
    const said = await Promise.all(servers.map((server) => askOnce(server, settings.simple, patience)));
    if (said.some(({ code }) => !away.has(code ?? ""))) zones.heard(null);
    else zones.giveUp(said.map(({ lookup }) => (lookup.status === "failed" ? lookup.why : "")).join(", "));
  }

  /** Waits until the next question is due; why there will be none, or null. */
  async function refusal(zone: string): Promise<string | null> {
    if (zones.isQuiet()) {
      knocked ??= knock();
      await knocked;
    }
    return zones.refusal(zone) ?? ((await granted(clock)) ? zones.refusal(zone) : settings.spent);
  }

  async function once(zone: string, question: Question, tried: Set<string>): Promise<Try> {
    const why = await refusal(zone);
    if (why !== null) return over(why);
    const server = order.find((one) => !tried.has(one)) ?? order[0];
    if (server === undefined) return over("no DNS server is known");
    tried.add(server);
    const patience = Math.min(deadline, clock.left());
    const answer = await askOnce(server, question, patience);
    if (!away.has(answer.code ?? "")) {
      zones.heard(zone);
      gates.open(zone);
      return answer;
    }
    if (answer.code === "ETIMEOUT" && patience < deadline) return over(settings.spent);
    zones.away(server);
    // A server that is away is put last for all the questions still to come, not tried first by each of them.
    if (order[0] === server) order = [...order.slice(1), server];
    return answer;
  }

  async function all(zone: string, question: Question): Promise<Lookup> {
    const tried = new Set<string>();
    const next = () => limit(() => once(zone, question, tried));
    let answer = await next();
    while (answer.code !== null && tried.size < servers.length) answer = await next();
    if (answer.code === "ETIMEOUT" && servers.length === 1) answer = await next();
    if (answer.code === "ETIMEOUT") {
      zones.silent(zone);
      gates.narrow(zone);
    }
    return answer.lookup;
  }

  return (zone, question) => gates.through(zone, () => all(zone, question));
}

const over = (why: string): Try => ({ lookup: { status: "failed", why }, code: null });

/** Lets few into a zone at once before its first answer, so that a dead one costs no more than its patience; then all. */
function gatesOf() {
  const gates = new Map<string, LimitFunction>();
  const gate = (zone: string): LimitFunction => {
    const found = gates.get(zone) ?? pLimit(patienceWithZone);
    gates.set(zone, found);
    return found;
  };
  return {
    through: <Value>(zone: string, work: () => Promise<Value>): Promise<Value> => gate(zone)(work),
    open(zone: string): void {
      const found = gate(zone);
      if (found.concurrency !== Number.POSITIVE_INFINITY) found.concurrency = Number.POSITIVE_INFINITY;
    },
    /** One look-up less: those under way and those that failed are together as many as the zone is worth. */
    narrow(zone: string): void {
      const found = gate(zone);
      if (found.concurrency > 1) found.concurrency -= 1;
    },
  };
}

/** Sleeps until a token is due; false where the budget does not last that long. */
async function granted(clock: Pace): Promise<boolean> {
  const wait = clock.take();
  if (wait === null) return false;
  if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
  return clock.left() > 0;
}
