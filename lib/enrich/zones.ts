/**
 * Which parts of the DNS answer in this run, and which are not worth another question. Pure bookkeeping. Lame and black-holed reverse
 * zones are common, and each question in one costs two deadlines and two tokens that others need.
 */
import { arpaName } from "../words/address.ts";

/** Look-ups in a row that a zone may leave without an answer; as many are under way there at once until it has given its first. */
export const patienceWithZone = 3;
/** Tries in a row, of all servers together, that may come back without an answer before the first answer of the run. */
const patienceWithAll = 20;

/** Labels below the zone in a reverse name: an IPv4 /24 is delegated as one, and an IPv6 /48 is the usual site (RFC 6177). */
const belowZone = { "in-addr": 1, ip6: 20 };

/** `203.0.113.7` → `113.0.203.in-addr.arpa`; IPv6: the /48's zone. The address is canonical. */
export function reverseZone(address: string): string {
  const labels = arpaName(address).split(".");
  return labels.slice(address.includes(":") ? belowZone.ip6 : belowZone["in-addr"]).join(".");
}

/** The registrable domain of a canonical host name, or the name itself where it has none. */
export const forwardZone = async (host: string): Promise<string> =>
  (await import("../words/domain.ts")).registrableDomain(host) ?? host;

export interface Zones {
  /** Why a look-up in the zone is not to be asked; null where it is. */
  refusal(zone: string): string | null;
  /** Nobody has answered anything, after so many tries that the servers themselves are in doubt: ask them something simple. */
  isQuiet(): boolean;
  /** A server answered about the zone, whatever it said: an error is an answer too. Zone null: it answered something simple. */
  heard(zone: string | null): void;
  /** A server was away for one try: silent, or not there. */
  away(server: string): void;
  /** All tries of one look-up in the zone timed out. */
  silent(zone: string): void;
  /** The servers did not answer something simple either. */
  giveUp(why: string): void;
}

/** The book of one run. @param servers the ones asked; each has its share of the tries before they are in doubt */
export function zoneBook(servers: readonly string[]): Zones {
  const unanswered = new Map<string, number>();
  const tries = new Map<string, number>();
  const share = Math.ceil(patienceWithAll / Math.max(1, servers.length));
  let anyone = false;
  let over: string | null = null;

  return {
    refusal(zone) {
      if (over !== null) return over;
      if ((unanswered.get(zone) ?? 0) < patienceWithZone) return null;
      return `the zone ${zone} did not answer three times: skipped in this run`;
    },
    isQuiet: () => !anyone && servers.length > 0 && servers.every((server) => (tries.get(server) ?? 0) >= share),
    heard(zone) {
      anyone = true;
      over = null;
      if (zone !== null) unanswered.set(zone, 0);
    },
    away: (server) => void tries.set(server, (tries.get(server) ?? 0) + 1),
    silent: (zone) => void unanswered.set(zone, (unanswered.get(zone) ?? 0) + 1),
    giveUp(why) {
      if (!anyone) over = `no DNS server answers: ${why}`;
    },
  };
}
