/**
 * THE PAGE TO READ FIRST: one run of one cluster, from window to told. Every step is a call into its own room:
 * poll → observe → recall → detect → judge → enrich → suggest → remember → notify → told. What the mesh is known to use is recognised first:
 * a name that does not answer to its address is evidence, too. What persons decided about findings is judged by before anybody is told. No I/O
 * of its own.
 */

import { describe } from "./describe.ts";
import type { DetectSettings } from "./detect/detector.ts";
import { detect } from "./detect/index.ts";
import type { NamingParts } from "./enrich/naming.ts";
import { learnHistory } from "./gather.ts";
import { look } from "./look.ts";
import {
  type ExistingEntry,
  type ExistingObject,
  type Finding,
  isSilenced,
  type LabelNames,
  type Verdict,
} from "./model.ts";
import { again } from "./notify/again.ts";
import type { Channel } from "./notify/channel.ts";
import type { Route } from "./notify/compose.ts";
import type { Said } from "./notify/letters.ts";
import type { Delivery } from "./notify/sending.ts";
import type { OwnerParts } from "./owners.ts";
import type { Policies } from "./policy/index.ts";
import type { AccessLogs } from "./poll/logs/access-logs.ts";
import { askAhead } from "./poll/poll.ts";
import { overlapOf, type Plan, planWindow, type WindowOrder } from "./poll/window.ts";
import type { Store } from "./remember/store.ts";
import type { Told } from "./report/document.ts";
import type { SuggestSettings } from "./suggest/suggest.ts";
import { tally } from "./tally.ts";
import { type NotifySettings, prepare, saidOf, send } from "./tell.ts";
import { judge } from "./verdicts/judge.ts";
import { recallRulings } from "./verdicts/recall.ts";
import { toldFindings } from "./verdicts/told.ts";
import { learned } from "./watch/any-logs.ts";
import { remember } from "./watch/unread.ts";
import type { Gateway } from "./words/gateway.ts";
import type { Log } from "./words/log.ts";
import type { Memory } from "./words/memory.ts";

/** The parts of a run, chosen by wire.ts. */
export interface Parts extends OwnerParts, Omit<NamingParts, "seen"> {
  /** The manifests in force, and of these the ServiceEntries. */
  objects: readonly ExistingObject[];
  entries: readonly ExistingEntry[];
  store: Store;
  channels: ReadonlyMap<string, Channel>;
  /** The verdicts of the reviewed file; they win over those in the store. */
  reviewed: readonly Verdict[];
  /** To be said with those of the run. */
  warnings: readonly string[];
  /** Access logs to be read beside the metrics. */
  logs: readonly AccessLogs[];
  log: Log;
}

/** What to do, and by which settings. */
export interface Order extends WindowOrder {
  cluster: string;
  dryRun: boolean;
  /** Its end is this machine's clock, and not a time that somebody gave. */
  byClock?: boolean;
  /** When the run is made, ms; the DNS is asked then, whatever time the run looks at. */
  now: number;
  /** The egress gateway of the config. */
  gateway?: Gateway | null;
  /** Also name what earlier runs did not get to. */
  lateNames: boolean;
  /** Also look for calls through ztunnel, of which metrics tell no more than that there are some. */
  ambient: boolean;
  labels: LabelNames;
  matchers: string;
  internal: readonly string[];
  policies: Policies;
  routes: readonly Route[];
  /** When open findings are told again, and what becomes of messages that cannot be sent now. */
  notify: NotifySettings;
  detect: DetectSettings;
  suggest: SuggestSettings;
  /** How long to wait for another run of the same cluster to end, ms; default and at most a minute. */
  patience?: number;
}

/** What came of a run. */
export interface Scan extends Omit<Told, "deliveries"> {
  deliveries: Delivery[];
  /** All that the run tells, repeats and digests as well, whether or not there is a channel for it. */
  said: readonly Said[];
}

/** How long a run waits for another of the same cluster to end, ms. */
const longestPatience = 60_000;

/**
 * One run. Nothing is sent before it is remembered, and nothing counts as told before its channel said yes, so a crash at any point
 * repeats at worst one message with the same id and loses none.
 * @throws ScoutError `prometheus/…` or `store/…`: then nothing is remembered of the window and the next run covers it, or, where the store
 *   failed while messages were sent, all of it is and the next run sends what waits. A first run keeps what it has learned
 */
export async function scout(parts: Parts, order: Order): Promise<Scan> {
  if (order.dryRun) return await run(parts, order);
  const lease = await parts.store.lease(order.cluster, Math.min(order.patience ?? longestPatience, longestPatience));
  try {
    return await run(parts, order);
  } finally {
    await lease.release();
  }
}

async function run(given: Parts, order: Order): Promise<Scan> {
  const { store } = given;
  const { cluster, dryRun, to } = order;
  const progress = await store.progress(cluster);
  const plan = planWindow(progress, order);
  // What is remembered is read while Prometheus is at work.
  const parts = { ...given, telemetry: askAhead(given.telemetry, plan.window, overlapOf(plan), order) };
  const memory = await store.recall(cluster);
  if (plan.mode === "learn") return await learn(parts, order, plan, memory);

  const open = await store.open(cluster);
  // Runs may overlap (--since): what ended since the last one ended is told by one of them.
  const since = { from: progress?.end ?? plan.window.from, to: plan.window.to };
  const rulings = await recallRulings(store, parts.reviewed, { cluster, window: since, memory, open, dryRun });
  const looked = await look(parts, order, { plan, progress, memory, open, rulings });
  const { habits, forgotten, ...concluded } = detect(looked.evidence);
  const judged = judge(concluded, { rulings, open, memory, window: plan.window, calls: looked.seen.concerned });
  const { opened, closed } = judged;
  const standing = { ...judged, before: open, tellings: await store.tellings(cluster) };
  const due = again(standing, order.notify, progress?.end ?? null, to);
  const described = await describe(parts, order, { judged, due, looked, rulings, memory, forgotten });
  const { findings, repeated, sightings } = described;
  const told = findings.filter((one) => !isSilenced(one));
  const said = [...saidOf(told, due, { ...standing, ruled: judged.changed, to }), ...saidOf(repeated, due)];
  const { letters, tellings } = await prepare(said, standing, order);
  if (!dryRun) {
    const end = Math.max(looked.until, progress?.end ?? 0);
    const now = { answers: looked.answers(), findings: toldFindings(told, plan.window.to) };
    const change = { sightings, letters, opened, closed, tellings, habits, ...now };
    const unread = { cluster, unread: looked.seen.unread, at: to };
    const { judgedUntil } = looked;
    await remember(store, unread, { ...change, progress: { end, learningSince: null, judgedUntil } });
  }
  const sums = tally(looked.seen, looked.policies);
  return await finish(parts, order, {
    ...nothingFound(order, plan),
    ...sums,
    newest: looked.newest,
    blind: looked.evidence.blind.map((one) => one.text),
    open: stillOpen(open, opened, closed),
    findings,
    said,
    changed: new Set([...due.flatMap(changedId), ...judged.changed]),
    warnings: [...looked.warnings, ...sums.warnings, ...described.warnings, ...judged.warnings],
    wouldSend: dryRun ? letters : null,
  });
}

/** A first run: remembers what is usual here, and finds nothing. */
async function learn(parts: Parts, order: Order, plan: Plan, memory: Memory): Promise<Scan> {
  const seen = await learnHistory(parts, order, plan, memory);
  const scan = { ...nothingFound(order, plan), ...tally(seen, order.policies), newest: seen.newest };
  return await finish(parts, order, { ...scan, learned: await learned(parts.logs, memory) });
}

/** Sends what is due, of this run and of earlier ones. */
async function finish(parts: Parts, order: Order, scan: Scan): Promise<Scan> {
  const { telemetry, networks, warnings: wired } = parts;
  const sent = order.dryRun ? { deliveries: [], warnings: [], undelivered: 0 } : await send(parts, order);
  const { queries, warnings: said } = telemetry.asked();
  const before = [...wired, ...said, ...(networks?.warnings() ?? [])];
  return { ...scan, ...sent, queries, warnings: [...before, ...scan.warnings, ...sent.warnings] };
}

function nothingFound({ cluster }: Order, { mode, window }: Plan): Scan {
  const sums = { queries: 0, series: 0, observations: 0, known: 0, blind: [], warnings: [], open: 0 };
  return { cluster, mode, window, ...sums, findings: [], said: [], deliveries: [], learned: null, wouldSend: null };
}

const changedId = ({ finding, reason }: Said): string[] => (reason === "changed" ? [finding.id] : []);

/** How many findings are open after the run that nobody silenced. */
function stillOpen(
  before: ReadonlyMap<string, Finding>,
  opened: readonly Finding[],
  closed: readonly string[],
): number {
  const after = new Map([...before, ...opened.map((one) => [one.id, one] as const)]);
  for (const id of closed) after.delete(id);
  return [...after.values()].filter((one) => !isSilenced(one)).length;
}
