/** Lines of access logs → flows, counted: as many as there are different ones, however many lines. Pure, but for the sums it keeps. */

import type { Labels, LoggedConnection, LogLine, Window } from "../../model.ts";
import type { Gateway } from "../../words/gateway.ts";
import { printable } from "../../words/printable.ts";
import { sightingKey } from "../key.ts";
import { type StreamOwner, streamOwner } from "./caller.ts";
import { connectionOf, type Logged } from "./connection.ts";
import { formatOf } from "./formats.ts";
import { gatewaysOf } from "./gateways.ts";
import { add, type Ends, nothing, type Spell, spell } from "./spell.ts";
import type { Told } from "./told.ts";
import { type Opened, unwrapper } from "./unwrap.ts";

/** So many different flows are counted in one run; lines of others are passed over, and said. */
export const mostFlows = 50_000;
/** So many addresses of one flow are kept apart. */
const mostAddresses = 256;

/** One source to one destination, as access logs tell of them. */
export interface Flow extends Omit<LoggedConnection, "at" | "event"> {
  /** The source is a service account. */
  byAccount: boolean;
  /** Its connections or requests in the window, exact, and those of shortly before it, which a metric may count only now. */
  now: Spell;
  before: Spell;
  /** Both together by address. */
  addresses: Map<string, number>;
}

/** What was passed over, and an example of it, made printable. */
export interface Oddity {
  lines: number;
  example: string | null;
}

export interface Tallied {
  flows: Flow[];
  lines: number;
  /** Lines that are no log of a proxy, or damaged; too long ones among them. */
  odd: Oddity;
  /** Lines about the outside: how many nothing dates, and how many belong to flows beyond `mostFlows`. */
  undated: number;
  beyond: number;
}

export interface TallySettings {
  cluster: string;
  internal: readonly string[];
  /** Lines of (from, to] count, and those since `since` (ms) explain what metrics count. */
  window: Window;
  since: number;
  /** The egress gateway of the config, whatever it is called. */
  gateway?: Gateway | null;
}

interface Sums extends Omit<Flow, "now" | "before" | "addresses"> {
  now: Ends;
  before: Ends;
  addresses: Map<string, Ends>;
}

/** What a line adds to. */
interface Place {
  sums: Sums;
  address: string | null;
}

/** A counter of lines: `add` each of them, and ask for the `result` at the end. */
export function tally(settings: TallySettings): { add(line: LogLine): void; result(): Tallied } {
  const open = unwrapper();
  const gateways = gatewaysOf(settings.gateway);
  const flows = new Map<string, Sums>();
  const odd: Oddity = { lines: 0, example: null };
  const counts = { lines: 0, undated: 0, beyond: 0 };
  const owners = new WeakMap<Labels, StreamOwner>();
  const recent = new Map<string, Place | null>();

  const ownerOf = (labels: Labels) => {
    const found = owners.get(labels) ?? streamOwner(labels, gateways);
    owners.set(labels, found);
    return found;
  };

  const passOver = (line: LogLine) => {
    odd.lines += 1;
    odd.example ??= printable(line.text.trimEnd(), 160);
  };

  /** Null where a line is no egress, or of one flow too many. */
  const placeOf = (told: Told, proxy: "envoy" | "ztunnel", labels: Labels): Place | null => {
    const owner = ownerOf(labels);
    const short = shortKey(told, proxy, owner.source);
    const cached = recent.get(short);
    if (cached !== undefined) return cached;
    const connection = connectionOf(told, null, proxy, owner, { internal: settings.internal, gateways });
    if (connection === null) return remember(recent, short, null);
    const { source, via, destination } = connection;
    const key = sightingKey(settings.cluster, source, destination) + (via === null ? "" : via.workload);
    const { address } = destination;
    const known = flows.get(key);
    if (known !== undefined) return remember(recent, short, { sums: known, address: kept(address) });
    if (flows.size >= mostFlows) {
      counts.beyond += 1;
      return null;
    }
    const sums = begin(connection);
    flows.set(key, sums);
    return remember(recent, short, { sums, address: kept(address) });
  };

  return {
    add(line) {
      counts.lines += 1;
      const opened: Opened = line.cut ? "broken" : open(line);
      if (opened === "part") return;
      if (opened === "broken") return passOver(line);
      const format = formatOf(opened.text);
      if (format === "other") return;
      const told = format === null ? "broken" : format.read(opened.text, ownerOf(opened.labels).isGateway, gateways);
      if (format === null || told === "broken") return passOver(line);
      if (told === "other") return;
      const at = timeOf(opened.time, told, settings.window);
      if (at !== null && (at <= settings.since || at > settings.window.to)) return;
      const place = placeOf(told, format.proxy, opened.labels);
      if (place === null) return;
      if (at === null) counts.undated += 1;
      count(place, told, at, settings.window);
    },
    result: () => ({ ...counts, odd, flows: [...flows.values()].map(finished) }),
  };
}

/** When the line was written. By the line itself that is when the call ended; a duration beyond the window is not believed. */
function timeOf(kept: number | null, { began, at }: Told, window: Window): number | null {
  if (kept !== null) return kept;
  return at !== null && at > window.to ? began : at;
}

const mostRecent = 100_000;

function remember(recent: Map<string, Place | null>, short: string, place: Place | null): Place | null {
  if (recent.size >= mostRecent) recent.clear();
  recent.set(short, place);
  return place;
}

/** All of a line that its flow and address follow from: cheaper to compare than to read again. */
function shortKey(told: Told, proxy: string, owner: { cluster: string; namespace: string; workload: string }): string {
  const { verdict, http, authority, dialled, port, sni, dynamic, hints } = told;
  const { namespace, workload, pod, principal } = hints;
  const own = [owner.cluster, owner.namespace, owner.workload, namespace, workload, pod, principal];
  return [proxy, verdict, http, dynamic, authority, dialled, port, sni, ...own].join("\u0000");
}

/** A copy: parts of a line hold on to all of the text that was read with it. */
function kept<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}

function begin({ at: _, event: __, ...rest }: Logged): Sums {
  return { ...kept(rest), now: nothing(), before: nothing(), addresses: new Map() };
}

function count({ sums, address }: Place, { event }: Told, at: number | null, { from, to }: Window): void {
  const isOpening = event === "open";
  add(at !== null && at <= from ? sums.before : sums.now, isOpening, at ?? from, at ?? to);
  if (address === null) return;
  const known = sums.addresses.get(address);
  if (known === undefined && sums.addresses.size >= mostAddresses) return;
  const ends = known ?? nothing();
  if (known === undefined) sums.addresses.set(address, ends);
  add(ends, isOpening, at ?? from, at ?? to);
}

const finished = ({ now, before, addresses, ...flow }: Sums): Flow => ({
  ...flow,
  now: spell(now),
  before: spell(before),
  addresses: new Map([...addresses].map(([address, ends]) => [address, spell(ends).count])),
});
