/**
 * THE PAGE TO READ FIRST: one run of one cluster, from window to told. Every step is a call into its own room:
 * poll → observe → recall → detect → enrich → suggest → remember → notify → told. No I/O of its own.
 */
import type { DetectSettings, Evidence } from "./detect/detector.ts";
import { detect } from "./detect/index.ts";
import { type EnrichParts, enrich } from "./enrich/enrich.ts";
import type { Log } from "./log.ts";
import type { Finding, Habit, LabelNames, Letter, Sighting, Window } from "./model.ts";
import type { Channel } from "./notify/channel.ts";
import { address, compose, type Route } from "./notify/compose.ts";
import { type Delivery, deliver, letterTo } from "./notify/deliver.ts";
import type { Telemetry } from "./poll/telemetry.ts";
import { type Plan, planWindow, type WindowOrder } from "./poll/window.ts";
import { nothingNew, type Progress, type Store } from "./remember/store.ts";
import type { Told } from "./report/document.ts";
import { type SuggestSettings, suggest } from "./suggest/suggest.ts";
import { learn, type Seen, watch } from "./watch.ts";
import { dueBuckets, watchBlocked, watchGaps } from "./watch-blocked.ts";

/** The parts of a run, chosen by wire.ts. */
export interface Parts extends EnrichParts {
  telemetry: Telemetry;
  store: Store;
  channels: ReadonlyMap<string, Channel>;
  log: Log;
}

/** What to do, and by which settings. */
export interface Order extends WindowOrder {
  cluster: string;
  dryRun: boolean;
  labels: LabelNames;
  matchers: string;
  internal: readonly string[];
  routes: readonly Route[];
  detect: DetectSettings;
  suggest: SuggestSettings;
}

/** What came of a run. */
export type Scan = Omit<Told, "deliveries"> & { deliveries: Delivery[] };

/** How long a run waits for another of the same cluster to end, ms. */
const patience = 60_000;

/**
 * One run. Nothing is sent before it is remembered, and nothing counts as told before its channel said yes, so a crash at any point
 * repeats at worst one message with the same id and loses none.
 * @throws ScoutError `prometheus/…` or `store/…`: then nothing is remembered of the window, and the next run covers it
 */
export async function scout(parts: Parts, order: Order): Promise<Scan> {
  if (order.dryRun) return await run(parts, order);
  const lease = await parts.store.lease(order.cluster, patience);
  try {
    return await run(parts, order);
  } finally {
    await lease.release();
  }
}

async function run(parts: Parts, order: Order): Promise<Scan> {
  const { store } = parts;
  const { cluster, dryRun } = order;
  const progress = await store.progress(cluster);
  const plan = planWindow(progress, order);
  const memory = await store.recall(cluster);
  if (plan.mode === "learn") return await finish(parts, order, await learnHistory(parts, order, plan, memory));

  const seen = await watch(parts.telemetry, order, plan, memory);
  const evidence = await gather(parts, order, { plan, progress, memory, seen });
  const concluded = detect(evidence);
  const named = await enrich(concluded.findings, parts);
  const sightings = seen.sightings.filter((one) => !concluded.forgotten.has(one.key));
  const findings = suggest(named.findings, { sightings: remembered(memory, sightings), settings: order.suggest });
  const letters = addressed(findings, order, plan);
  if (!dryRun) {
    const end = Math.max(plan.window.to, progress?.end ?? 0);
    const judgedUntil =
      evidence.blocked?.window.to ??
      dueBuckets(plan.window, progress?.judgedUntil ?? null)?.to ??
      progress?.judgedUntil ??
      null;
    const { opened, closed, habits } = concluded;
    await store.remember(cluster, {
      sightings,
      letters,
      opened,
      closed,
      habits,
      progress: { end, learningSince: null, judgedUntil },
    });
  }
  const scan = {
    ...beginning(order, plan, seen),
    blind: evidence.blind.map((one) => one.text),
    findings,
    warnings: named.warnings,
  };
  return await finish(parts, order, { ...scan, wouldSend: dryRun ? letters : null });
}

/** A first run: what is usual here, and how it usually gets blocked. */
async function learnHistory(parts: Parts, order: Order, plan: Plan, memory: Map<string, Sighting>): Promise<Scan> {
  const { store, telemetry } = parts;
  const { cluster, dryRun } = order;
  const seen = await learn(parts, order, plan, memory);
  const { from, to } = plan.window;
  const due = dueBuckets({ from: plan.learningSince ?? from, to }, null);
  const habits = seen.blocked && due !== null ? await learnHabits(telemetry, order, due, memory) : [];
  const progress = { end: to, learningSince: null, judgedUntil: due?.to ?? null };
  if (!dryRun) await store.remember(cluster, { ...nothingNew(progress), habits });
  return { ...beginning(order, plan, seen), learned: [...memory.values()] };
}

async function learnHabits(
  telemetry: Telemetry,
  order: Order,
  due: Window,
  memory: Evidence["memory"],
): Promise<Habit[]> {
  const { gaps } = await watchGaps(telemetry, due, { series: 0, known: 0 });
  const blocked = await watchBlocked(telemetry, order, due, gaps, true);
  const nothing = { observations: [], memory, isFirst: true, open: new Map(), blind: [], habits: new Map() };
  return detect({ ...nothing, cluster: order.cluster, window: due, blocked, gaps, settings: order.detect }).habits;
}

interface Beginnings {
  plan: Plan;
  progress: Progress | null;
  memory: ReadonlyMap<string, Sighting>;
  seen: Seen;
}

/** All that the detectors judge by. */
async function gather(
  { store, telemetry }: Parts,
  order: Order,
  { plan, progress, memory, seen }: Beginnings,
): Promise<Evidence> {
  const { cluster } = order;
  const { window } = plan;
  const habits = await store.habits(cluster);
  const due = seen.blocked || habits.size > 0 ? dueBuckets(window, progress?.judgedUntil ?? null) : null;
  const span = { from: Math.min(window.from, due?.from ?? window.from), to: window.to };
  const { gaps, blind } =
    span.from < span.to
      ? await watchGaps(telemetry, span, { series: seen.series, known: memory.size })
      : { gaps: [], blind: [] };
  const blocked = due === null ? null : await watchBlocked(telemetry, order, due, gaps, false);
  return {
    cluster,
    window,
    observations: seen.observations,
    memory,
    isFirst: progress === null,
    open: await store.open(cluster),
    blind: [...blind, ...seen.blind],
    blocked,
    gaps,
    habits,
    settings: order.detect,
  };
}

/** What is new goes out as such, what is over as resolved. */
function addressed(findings: readonly Finding[], { cluster, routes }: Order, { window }: Plan): Letter[] {
  const open = findings.filter((one) => one.state === "open");
  const resolved = findings.filter((one) => one.state === "resolved");
  const messages = [
    ...compose(open, cluster, window.to, "first"),
    ...compose(resolved, cluster, window.to, "resolved"),
  ];
  return address(messages, routes).map((one) => letterTo(one.channel, one.message));
}

/** Sends what is due, of this run and of earlier ones. */
async function finish({ store, channels, telemetry }: Parts, { cluster, dryRun }: Order, scan: Scan): Promise<Scan> {
  const due = dryRun ? [] : await store.letters(cluster);
  const deliveries = await deliver(due, channels, (letter) => store.told(cluster, letter.id));
  const astray = [...new Set(due.filter((one) => !channels.has(one.channel)).map((one) => one.channel))];
  const { queries, warnings } = telemetry.asked();
  const lost = astray.map((channel) => `messages wait for the channel ${channel}, which the config does not have`);
  return { ...scan, deliveries, queries, warnings: [...warnings, ...scan.warnings, ...lost] };
}

function beginning({ cluster }: Order, { mode, window }: Plan, seen: Seen): Scan {
  const { series, keys, known } = seen;
  const blind = seen.blind.map((one) => one.text);
  const sums = { queries: 0, series, observations: keys.size, known, blind };
  return { cluster, mode, window, ...sums, warnings: [], findings: [], deliveries: [], learned: null, wouldSend: null };
}

/** What was remembered before, and what this run adds to it. */
function* remembered(memory: ReadonlyMap<string, Sighting>, added: readonly Sighting[]): Generator<Sighting> {
  yield* memory.values();
  for (const one of added) if (!memory.has(one.key)) yield one;
}
