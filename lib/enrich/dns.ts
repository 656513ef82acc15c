/** Asks DNS servers. The only file that knows node:dns, and all that was measured about it. */
import * as node from "node:dns";
import pLimit from "p-limit";
import { arpaName, parseAddress } from "../address.ts";
import { nameServer } from "./name-server.ts";
import { type Pace, pace } from "./pace.ts";
import { answerLimits, type Lookup, type Resolver } from "./resolver.ts";

export interface DnsSettings {
  /** `10.0.0.2:53`, `10.0.0.2`, `[2001:db8::1]:53`; empty: the system's. The first that answers is kept to. */
  servers: readonly string[];
  /** Milliseconds one question waits for one server; default 1500. A time-out is asked once more. */
  deadline?: number | undefined;
  /** Questions a second; default 50, far below the 1,024 packets a second that Amazon's resolver takes from one interface. */
  perSecond?: number | undefined;
  /** Milliseconds from the first question on, after which every look-up fails at once; default 20,000. */
  budget?: number | undefined;
  /** Questions under way at once; default 16. Thousands at once lose half of the answers (measured). */
  concurrency?: number | undefined;
  /** A clock in milliseconds. */
  now: () => number;
}

/** One question, as node:dns asks it. */
type Ask = (resolver: node.promises.Resolver) => Promise<string[]>;
/** What came of it, with the error's code where another try might do better. */
type Attempt = { lookup: Lookup; code: string | null };

/** resolv.conf(5) reads no more than three name servers either. */
const mostServers = 3;
/** Codes of node:dns for "the server knows, and there is nothing". Everything else means that nobody knows. */
const nothing = new Set(["ENOTFOUND", "ENODATA"]);
/** Codes of a server that is not there; the others come from one that is. */
const away = new Set(["ETIMEOUT", "ECONNREFUSED"]);

/**
 * A resolver for one run: it answers a question asked twice from memory, and is of no use once its budget is spent.
 * @throws ScoutError `usage` for a server that is no IP address with a port of 1 to 65535: Node takes `127.0.0.1:99999` for port 34463
 */
export function dns(settings: DnsSettings): Resolver {
  const { deadline = 1500, perSecond = 50, budget = 20_000, concurrency = 16, now } = settings;
  const named = settings.servers.map(nameServer);
  const servers = [...new Set(named.length > 0 ? named : node.getServers())].slice(0, mostServers);
  const clock = pace({ perSecond, burst: Math.min(concurrency, perSecond), budget, now });
  const limit = pLimit(concurrency);
  const asked = new Map<string, Promise<Lookup>>();
  const spent = failed(`the look-up budget of ${budget / 1000}s is used up`);
  /** The one to ask first in front. */
  let order = servers;

  /** Waits for a token, then asks the best server not tried yet; code null where there is nothing to try again. */
  async function attempt(ask: Ask, tried: Set<string>): Promise<Attempt> {
    if (!(await granted(clock))) return { lookup: spent, code: null };
    const server = order.find((one) => !tried.has(one)) ?? order[0];
    if (server === undefined) return { lookup: failed("no DNS server is known"), code: null };
    tried.add(server);
    const patience = Math.min(deadline, clock.left());
    const answer = await askOnce(server, ask, patience);
    // A server that is away is put last for all the questions still to come, not tried first by each of them.
    if (away.has(answer.code ?? "") && order[0] === server) order = [...order.slice(1), server];
    return answer.code === "ETIMEOUT" && patience < deadline ? { lookup: spent, code: null } : answer;
  }

  /** Each server at most once; a time-out twice though there is one server, the second time behind all who wait by then. */
  async function question(ask: Ask): Promise<Lookup> {
    const tried = new Set<string>();
    let answer = await limit(() => attempt(ask, tried));
    while (answer.code !== null && tried.size < servers.length) answer = await limit(() => attempt(ask, tried));
    if (answer.code === "ETIMEOUT" && servers.length === 1) answer = await limit(() => attempt(ask, tried));
    return answer.lookup;
  }

  function once(key: string, ask: Ask): Promise<Lookup> {
    const answer = asked.get(key) ?? question(ask);
    asked.set(key, answer);
    return answer;
  }

  return {
    servers,
    reverse: (address) =>
      once(`ptr ${address}`, async (resolver) => texts(await resolver.resolvePtr(arpaName(address)))),
    forward: (host, family) =>
      once(`${family} ${host}`, async (resolver) =>
        addresses(await (family === 4 ? resolver.resolve4(host) : resolver.resolve6(host))),
      ),
  };
}

/** Sleeps until a token is due; false where the budget does not last that long. */
async function granted(clock: Pace): Promise<boolean> {
  const wait = clock.take();
  if (wait === null) return false;
  if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
  return clock.left() > 0;
}

/**
 * One question, one server, at most one packet, `patience` milliseconds. A new node Resolver each time costs nothing measurable,
 * a cancel ends this question alone, and c-ares has no history from which to make up a time-out of its own (node#57839).
 */
function askOnce(server: string, ask: Ask, patience: number): Promise<Attempt> {
  const resolver = new node.promises.Resolver({ timeout: Math.ceil(patience), tries: 1 });
  return new Promise((resolve) => {
    const settle = (attempt: Attempt): void => {
      clearTimeout(timer);
      resolve(attempt);
    };
    const fail = (code: string): void => {
      const after = code === "ETIMEOUT" ? `: no answer in ${Math.ceil(patience)}ms` : "";
      settle({
        lookup: nothing.has(code) ? none : failed(`${code} from ${server}${after}`),
        code: nothing.has(code) ? null : code,
      });
    };
    const timer = setTimeout(() => {
      fail("ETIMEOUT");
      resolver.cancel();
    }, patience);
    Promise.resolve()
      .then(() => resolver.setServers([server]))
      .then(() => ask(resolver))
      .then((values) => settle({ lookup: values.length === 0 ? none : { status: "found", values }, code: null }))
      .catch((thrown: unknown) => fail(codeOf(thrown)));
  });
}

const none: Lookup = { status: "none" };
const failed = (why: string): Lookup => ({ status: "failed", why });

function codeOf(thrown: unknown): string {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : null;
  return typeof code === "string" ? code : "EBADRESP";
}

const distinct = (values: string[], most: number): string[] => [...new Set(values)].sort().slice(0, most);
const texts = (values: string[]): string[] => distinct(values, answerLimits.names);
const addresses = (values: string[]): string[] =>
  distinct(
    values.map(parseAddress).filter((value) => value !== null),
    answerLimits.addresses,
  );
