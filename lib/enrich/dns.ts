/** Asks DNS servers. The only file that knows node:dns, and all that was measured about it. */
import * as node from "node:dns";
import { arpaName, parseAddress } from "../words/address.ts";
import { nameServer } from "./name-server.ts";
import { pace } from "./pace.ts";
import { answerLimits, holds, type Lookup, type Resolver } from "./resolver.ts";
import { type Try, tries } from "./tries.ts";
import { forwardZone, reverseZone } from "./zones.ts";

export interface DnsSettings {
  /** `10.0.0.2:53`, `10.0.0.2`, `[2001:db8::1]:53`; empty: the system's. The first that answers is kept to. */
  servers: readonly string[];
  /** Milliseconds one question waits for one server; default 1500. A time-out is asked once more. */
  deadline?: number | undefined;
  /** Questions a second; default 50, far below the 1,024 packets a second that Amazon's resolver takes from one interface. */
  perSecond?: number | undefined;
  /** Milliseconds from the first question on, after which every look-up fails at once; default 20,000. */
  budget?: number | undefined;
  /**
   * Questions under way at once; default 64. Up to 256 at once lose no answer, thousands lose half of them (measured); with fewer
   * than 50 a second times the deadline, questions in dead zones would hold up all others.
   */
  concurrency?: number | undefined;
  /** A clock in milliseconds. */
  now: () => number;
}

/** One question, as node:dns asks it. */
type Ask = (resolver: node.promises.Resolver) => Promise<{ values: string[]; ttl: number }>;

/** resolv.conf(5) reads no more than three name servers either. */
const mostServers = 3;
/** Questions at once after a quiet spell. */
const mostAtOnce = 16;
/** Codes of node:dns for "the server knows, and there is nothing". Everything else means that nobody knows. */
const nothing = new Set(["ENOTFOUND", "ENODATA"]);

/**
 * A resolver for one run: it answers a question asked twice from memory (not `again`), and is of no use once its budget is spent.
 * It asks no more of a zone that does not answer, nor of anybody where no server does (see zones.ts).
 * @throws ScoutError `usage` for a server that is no IP address with a port of 1 to 65535: Node takes `127.0.0.1:99999` for port 34463
 */
export function dns(settings: DnsSettings): Resolver {
  const { deadline = 1500, perSecond = 50, budget = 20_000, concurrency = 64, now } = settings;
  const named = settings.servers.map(nameServer);
  const servers = [...new Set(named.length > 0 ? named : node.getServers())].slice(0, mostServers);
  const clock = pace({ perSecond, burst: Math.min(concurrency, perSecond, mostAtOnce), budget, now });
  const spent = `the look-up budget of ${budget / 1000}s is used up`;
  const lookUp = tries({ servers, askOnce, simple: ptr(localhost), deadline, concurrency, clock, spent });
  const asked = new Map<string, Promise<Lookup>>();

  function once(question: string, zone: string, ask: Ask): Promise<Lookup> {
    const answer = asked.get(question) ?? lookUp(zone, ask);
    asked.set(question, answer);
    return answer;
  }

  return {
    servers,
    reverse: (address) => once(`ptr ${address}`, reverseZone(address), ptr(arpaName(address))),
    forward: async (host, family) => once(`${family} ${host}`, await forwardZone(host), addresses(host, family)),
    again: async (host, family) => lookUp(await forwardZone(host), addresses(host, family)),
  };
}

/** Every server answers for it by itself (RFC 6303 §4.2). */
const localhost = "1.0.0.127.in-addr.arpa";

/** node:dns tells no TTL of PTR records. */
const ptr =
  (name: string): Ask =>
  async (resolver) => ({ values: distinct(await resolver.resolvePtr(name), answerLimits.names), ttl: holds.names });

const addresses =
  (host: string, family: 4 | 6): Ask =>
  async (resolver) => {
    const found = await (family === 4
      ? resolver.resolve4(host, { ttl: true })
      : resolver.resolve6(host, { ttl: true }));
    const values = found.map(({ address }) => parseAddress(address)).filter((value) => value !== null);
    return { values: distinct(values, answerLimits.addresses), ttl: leastTtl(found) };
  };

/** In ms; that of a CNAME on the way is in them (c-ares). */
function leastTtl(found: readonly { ttl: number }[]): number {
  const seconds = found.reduce((least, { ttl }) => Math.min(least, ttl), holds.addresses / 1000);
  return 1000 * Math.max(0, seconds);
}

/**
 * One question, one server, at most one packet, `patience` milliseconds. A new node Resolver each time costs some 25 µs (measured):
 * a cancel ends this question alone, and c-ares has no history from which to make up a time-out of its own (node#57839), nor answers
 * from which it could answer `again`.
 */
function askOnce(server: string, ask: Ask, patience: number): Promise<Try> {
  // The deadline is ours: c-ares rounds its own up and may double it (node#65340).
  const resolver = new node.promises.Resolver({ timeout: 2 * Math.ceil(patience) + 1000, tries: 1 });
  return new Promise((resolve) => {
    const settle = (attempt: Try): void => {
      clearTimeout(timer);
      resolve(attempt);
    };
    const fail = (code: string): void => {
      const after = code === "ETIMEOUT" ? `: no answer in ${Math.ceil(patience)}ms` : "";
      if (nothing.has(code)) settle({ lookup: none, code: null });
      else settle({ lookup: { status: "failed", why: `${code} from ${server}${after}` }, code });
    };
    const giveUp = (): void => {
      fail("ETIMEOUT");
      resolver.cancel();
    };
    // Timers go before sockets: where the process was held up, an answer may lie there unread.
    const timer = setTimeout(() => setImmediate(giveUp), patience);
    Promise.resolve()
      .then(() => resolver.setServers([server]))
      .then(() => ask(resolver))
      .then((found) => settle({ lookup: found.values.length === 0 ? none : { status: "found", ...found }, code: null }))
      .catch((thrown: unknown) => fail(codeOf(thrown)));
  });
}

const none: Lookup = { status: "none", ttl: holds.nothing };

function codeOf(thrown: unknown): string {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : null;
  return typeof code === "string" ? code : "EBADRESP";
}

const distinct = (values: string[], most: number): string[] => [...new Set(values)].sort().slice(0, most);
