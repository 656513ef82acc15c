/** What access logs tell of a window, joined with what its metrics tell. Loaded where there are logs (any-logs.ts). No I/O of its own. */
import { ScoutError } from "../errors.ts";
import type { Blindness, Sighting, Window } from "../model.ts";
import { type Flow, mostFlows, type Oddity, type Tallied, tally } from "../observe/logs/tally.ts";
import { type AccessLogs, OutOfTime } from "../poll/logs/access-logs.ts";
import type { Plan } from "../poll/window.ts";
import type { Store } from "../remember/store.ts";
import type { Judges, Seen } from "../watch.ts";
import type { Gateway } from "../words/gateway.ts";
import type { Log } from "../words/log.ts";
import type { Doubts } from "./claims.ts";
import { type Joined, joinFlows } from "./flows.ts";
import { judgedFlows } from "./judged.ts";
import type { LoggedFlow } from "./matches.ts";
import { type Ending, keptAfter, readSince, unreadLogs } from "./unread.ts";

/** A metric may count so long after the log did: scrapes, remote write, ms. */
const ahead = 5 * 60_000;

interface Settings {
  cluster: string;
  internal: readonly string[];
  gateway?: Gateway | null;
}

/** What a run read of all its logs, and what is to be said of it. */
interface Read {
  flows: LoggedFlow[];
  blind: Blindness[];
  warnings: string[];
  /** What is to be kept of logs by name: from when on the next run is to read. */
  unread: Map<string, string | null>;
}

/** What the metrics showed, with what the logs do: a flow that both tell of is one. */
export async function withLogs(
  { logs, log, store }: { logs: readonly AccessLogs[]; log: Log; store: Pick<Store, "receipts"> },
  settings: Settings,
  plan: Plan,
  memory: ReadonlyMap<string, Sighting>,
  { seen, doubts, ...judges }: { seen: Seen; doubts: Doubts } & Judges,
): Promise<Seen> {
  const unread = await store.receipts(settings.cluster, unreadLogs);
  const read = await readAll({ logs, log, unread }, settings, plan.window);
  const joined = joinFlows(read.flows, seen, memory, {
    ...settings,
    window: plan.window,
    continues: plan.continues,
    doubts,
  });
  for (const { flow } of joined.fresh.slice(0, mostTold)) tell(log, flow);
  return told({ ...seen, ...joined.seen, ...judgedFlows(joined, seen, judges, plan.window) }, read, joined);
}

/** A first run remembers what its logs show, and finds nothing in it. Adds to the memory. */
export async function learnLogs(
  { logs, log }: { logs: readonly AccessLogs[]; log: Log },
  settings: Settings,
  { window, learningSince }: Plan,
  memory: Map<string, Sighting>,
  seen: Seen,
): Promise<{ seen: Seen; sightings: Sighting[] }> {
  const whole = { from: learningSince ?? window.from, to: window.to };
  const read = await readAll({ logs, log, unread: new Map() }, settings, whole);
  const order = { ...settings, window: whole, continues: false, doubts: () => false };
  const joined = joinFlows(read.flows, seen, memory, order);
  const sightings = joined.seen.sightings;
  for (const one of sightings) memory.set(one.key, one);
  return { seen: told({ ...seen, ...joined.seen, observations: [], doubtful: [] }, read, joined), sightings };
}

interface Unread {
  logs: readonly AccessLogs[];
  log: Log;
  unread: ReadonlyMap<string, string>;
}

async function readAll({ logs, log, unread }: Unread, settings: Settings, window: Window): Promise<Read> {
  const read: Read = { flows: [], blind: [], warnings: [], unread: new Map() };
  if (window.from >= window.to) return read;
  for (const one of logs) {
    const kept = one.late ? unread.get(one.name) : undefined;
    const since = readSince(kept, window.from);
    const sums = tally({ ...settings, window, since: since - ahead });
    const { failure, ending } = await consume(one, { from: since - ahead, to: window.to }, sums);
    const next = one.late ? keptAfter(ending, since, kept) : undefined;
    if (next !== undefined) read.unread.set(one.name, next);
    const result = sums.result();
    log.info("access logs read", { from: one.name, lines: result.lines, flows: result.flows.length });
    // Files are parts of one log: a pod each, or an hour.
    for (const flow of result.flows) read.flows.push({ ...flow, late: one.late, from: one.late ? one.name : "files" });
    if (failure !== null) {
      read.warnings.push(failure);
      read.blind.push({ code: "logs", text: `access logs were not read to their end: ${failure}` });
    }
    read.warnings.push(...oddities(one.name, result));
  }
  if (read.flows.some((flow) => flow.byAccount)) {
    read.warnings.push(
      "an egress gateway's log tells service accounts and no workloads: there the source is the caller's namespace and service account",
    );
  }
  return read;
}

/** `failure` is null where all lines were read, else why not. */
async function consume(
  logs: AccessLogs,
  window: Window,
  sums: ReturnType<typeof tally>,
): Promise<{ failure: string | null; ending: Ending }> {
  let left = logs.most ?? Number.POSITIVE_INFINITY;
  try {
    for await (const batch of logs.read(window)) {
      for (const line of batch) {
        if (left-- <= 0) {
          const failure = `${logs.name} has more than ${logs.most} lines of this window, the rest was not looked at`;
          return { failure, ending: "volume" };
        }
        sums.add(line);
      }
    }
    return { failure: null, ending: "whole" };
  } catch (thrown) {
    if (!(thrown instanceof ScoutError) || !thrown.code.startsWith("logs/")) throw thrown;
    const failure = `${thrown.message}${thrown.mend === "" ? "" : `; ${thrown.mend}`}`;
    return { failure, ending: thrown instanceof OutOfTime ? "volume" : "broken" };
  }
}

function oddities(name: string, { odd, undated, beyond, lines }: Tallied): string[] {
  return [
    ...(odd.lines === 0 ? [] : [oddLines(name, odd, lines)]),
    ...(undated === 0 ? [] : [`${name}: ${undated} lines have no time, and were taken for calls of this window`]),
    ...(beyond === 0
      ? []
      : [`${name} tells of more than ${mostFlows} different flows: ${beyond} lines of others were passed over`]),
  ];
}

const oddLines = (name: string, { lines, example }: Oddity, all: number): string =>
  `${name}: ${lines} of ${all} lines are in no format of access logs that is known, or damaged, and were passed over, such as ${example}`;

function sourceless(flows: number): Blindness {
  const text = `access logs do not tell who called in ${flows} flow${flows === 1 ? "" : "s"}: keep pod and namespace with the lines (kubectl logs --prefix, the kubelet's file names, Loki's labels, or source_workload and source_namespace in the format)`;
  return { code: "log-sources", text };
}

function told(seen: Seen, { flows, blind, warnings, unread }: Read, { unsourced }: Joined): Seen {
  const sniSeen = flows.some((flow) => flow.destination.sni !== null);
  const before = seen.blind.filter(({ code }) => !(sniSeen && code === "no-sni"));
  return {
    ...seen,
    blind: [...before, ...blind, ...(unsourced === 0 ? [] : [sourceless(unsourced)])],
    warnings: [...seen.warnings, ...warnings],
    unread,
  };
}

const mostTold = 100;

/** What Mixer's log entry of old told of a connection. */
function tell(log: Log, { source, via, principal, destination, app, now }: Flow): void {
  const { sni, host, address, port, verdict } = destination;
  log.debug("new in access logs", {
    source: `${source.namespace}/${source.workload}`,
    ...(via === null ? {} : { via: `${via.namespace}/${via.workload}` }),
    ...(principal === null ? {} : { principal }),
    requestedServerName: sni ?? "",
    destination: `${host ?? address ?? "unknown"}:${port ?? "unknown"}`,
    ...(app === null ? {} : { destinationApp: app }),
    verdict,
    connections: now.count,
  });
}
