/**
 * THE PAGE TO READ FIRST: one run of one cluster, from window to told. Every step is a call into its own room:
 * poll → observe → recall → detect → judge → enrich → suggest → remember → notify → told. What the mesh is known to use is recognised first:
 * a name that does not answer to its address is evidence, too. What persons decided about findings is judged by before anybody is told. No I/O
 * of its own.
 */

import type { DetectSettings } from "./detect/detector.ts";
import { detect, inOrder } from "./detect/index.ts";
import { enrich } from "./enrich/enrich.ts";
import type { NamingParts } from "./enrich/naming.ts";
import { learnHistory } from "./gather.ts";
import { type Looked, look } from "./look.ts";
import {
  type ExistingEntry,
  type ExistingObject,
  type Finding,
  isSilenced,
  type LabelNames,
  type Sighting,
  type Verdict,
} from "./model.ts";
import { again } from "./notify/again.ts";
import type { Channel } from "./notify/channel.ts";
import type { Route } from "./notify/compose.ts";
import type { Said } from "./notify/letters.ts";
import type { Delivery } from "./notify/sending.ts";
import { type OwnerParts, ownersOf } from "./owners.ts";
import type { Policies } from "./policy/index.ts";
import type { AccessLogs } from "./poll/logs/access-logs.ts";
import { type Plan, planWindow, type WindowOrder } from "./poll/window.ts";
import { withNames } from "./recognise.ts";
import type { Store } from "./remember/store.ts";
import type { Told } from "./report/document.ts";
import type { SuggestSettings, TeamOf } from "./suggest/suggest.ts";
import { type NotifySettings, prepare, saidOf, send } from "./tell.ts";
import { judge } from "./verdicts/judge.ts";
import { withNotes } from "./verdicts/notes.ts";
import { recallRulings } from "./verdicts/recall.ts";
import { denialsOf, type Rulings } from "./verdicts/rulings.ts";
import { toldFindings } from "./verdicts/told.ts";
import { learned } from "./watch/any-logs.ts";
import type { Seen } from "./watch.ts";
import { type Gateway, isGateway } from "./words/gateway.ts";
import type { Log } from "./words/log.ts";
import { printable } from "./words/printable.ts";

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
 * @throws ScoutError `prometheus/…` or `store/…`: then nothing is remembered of the window, and the next run covers it
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

const isChange = ({ reason }: Said) => reason === "changed";

async function run(parts: Parts, order: Order): Promise<Scan> {
  const { store } = parts;
  const { cluster, dryRun } = order;
  const progress = await store.progress(cluster);
  const plan = planWindow(progress, order);
  const memory = await store.recall(cluster);
  if (plan.mode === "learn") {
    const seen = await learnHistory(parts, order, plan, memory);
    return await finish(parts, order, { ...beginning(order, plan, seen), learned: await learned(parts.logs, memory) });
  }

  const open = await store.open(cluster);
  // Runs may overlap (--since): what ended since the last one ended is told by one of them.
  const since = { from: progress?.end ?? plan.window.from, to: plan.window.to };
  const rulings = await recallRulings(store, parts.reviewed, { cluster, window: since, memory, open, dryRun });
  const looked = await look(parts, order, { plan, progress, memory, open, rulings });
  const { naming, failures, answers, seen, evidence, judgedUntil, policies } = looked;
  const { gateway = null } = order;
  const { habits, forgotten, ...concluded } = detect(evidence);
  const judging = { rulings, open, memory, window: plan.window, calls: seen.concerned };
  const { opened, closed, ...judged } = judge(concluded, judging);
  const standing = { ...judged, opened, closed, before: open, tellings: await store.tellings(cluster) };
  const due = again(standing, order.notify, progress?.end ?? null, order.to);
  const [changed, repeated] = [due.filter(isChange), due.filter((one) => !isChange(one))];
  const found = inOrder([...judged.findings, ...changed.map((one) => one.finding)]);
  const owners = await ownersOf(
    parts,
    [...found, ...repeated.map((one) => one.finding)].map(({ source }) => source),
    { at: order.to, matchers: order.matchers },
  );
  const helpers = { ownerOf: owners.ownerOf, naming, gateway };
  const { findings: named, warnings } = await enrich(found, { ...helpers, failures });
  const kept = seen.sightings.filter((one) => !forgotten.has(one.key));
  const sightings = await withNames(kept, named, memory, { naming, to: order.to, late: order.lateNames && !dryRun });
  const propose = proposing(parts, { ...order, policies }, { seen, rulings, teamOf: owners.teamOf }, () =>
    remembered(memory, sightings),
  );
  const findings = await propose(withNotes(named, judged.notes));
  const told = findings.filter((one) => !isSilenced(one));
  const { findings: renamed } = await enrich(
    repeated.map((one) => one.finding),
    { ...helpers, failures: [] },
  );
  const retold = saidOf(await propose(renamed), repeated);
  const said = [...saidOf(told, changed, { ...standing, ruled: judged.changed, to: order.to }), ...retold];
  const { letters, tellings } = await prepare(said, standing, order);
  if (!dryRun) {
    const end = Math.max(plan.window.to, progress?.end ?? 0);
    const now = { answers: answers(), findings: toldFindings(told, plan.window.to) };
    const change = { sightings, letters, opened, closed, tellings, habits, ...now };
    await store.remember(cluster, { ...change, progress: { end, learningSince: null, judgedUntil } });
  }
  const begun = beginning({ ...order, policies }, plan, { ...seen, newest: looked.newest });
  const blind = evidence.blind.map((one) => one.text);
  const all = {
    ...begun,
    blind,
    open: stillOpen(open, opened, closed),
    findings,
    said,
    changed: new Set([...changed.map((one) => one.finding.id), ...judged.changed]),
    warnings: [...looked.warnings, ...begun.warnings, ...warnings, ...owners.warnings, ...judged.warnings],
  };
  return await finish(parts, order, { ...all, wouldSend: dryRun ? letters : null });
}

/** Suggestions for findings, by all that is known of the mesh. A quiet run does not even load what makes them. */
function proposing(
  parts: Parts,
  order: Order,
  { seen, rulings, teamOf }: { seen: Seen; rulings: Rulings; teamOf: TeamOf },
  sightings: () => Iterable<Sighting>,
) {
  const { policies, gateway = null } = order;
  return async (findings: readonly Finding[]): Promise<Finding[]> => {
    if (findings.length === 0) return [];
    parts.log.progress(`working out manifests (${findings.length})`);
    const { suggest } = await import("./suggest/suggest.ts");
    return suggest(findings, {
      sightings: sightings(),
      settings: { ...order.suggest, now: order.to },
      policies,
      denials: denialsOf(rulings),
      throughGateway: ({ key, source }) => isGateway(source, gateway) || seen.throughGateway.get(key) === true,
      teamOf,
      existing: parts.entries,
      objects: parts.objects,
    });
  };
}

/** Sends what is due, of this run and of earlier ones. */
async function finish(parts: Parts, order: Order, scan: Scan): Promise<Scan> {
  const { telemetry, networks, warnings: wired } = parts;
  const sent = order.dryRun ? { deliveries: [], warnings: [], undelivered: 0 } : await send(parts, order);
  const { queries, warnings: said } = telemetry.asked();
  const before = [...wired, ...said, ...(networks?.warnings() ?? [])];
  return { ...scan, ...sent, queries, warnings: [...before, ...scan.warnings, ...sent.warnings] };
}

function beginning({ cluster, policies }: Order, { mode, window }: Plan, seen: Seen & Pick<Looked, "newest">): Scan {
  const { newest, series, keys, known, odd, unjudged, uncounted, unpassed } = seen;
  const byLabel = policies.byLabel.map((name) => printable(name)).join(", ");
  const said: [isSo: boolean, text: string][] = [
    [odd > 0, `${odd} rows hold a value that no counter has (NaN, infinite, negative or huge): they were passed over`],
    [
      unjudged > 0,
      `${unjudged} more known destinations violate a policy than are counted in one run: they are not told`,
    ],
    [
      unpassed > 0,
      `${unpassed} more known destinations go past an entry in force than are counted in one run: they are not told`,
    ],
    [uncounted > 0, `${uncounted} more denied destinations are called than are counted in one run: they are not told`],
    [
      byLabel !== "",
      `policies for workloads by label decide nothing here, since no kube_pod_labels or the like tell those labels: ${byLabel}`,
    ],
  ];
  const warnings = [...said.flatMap(([isSo, text]) => (isSo ? [text] : [])), ...seen.warnings];
  const blind = seen.blind.map((one) => one.text);
  const sums = { queries: 0, series, observations: keys.size, known, blind, warnings, newest, open: 0 };
  return { cluster, mode, window, ...sums, findings: [], said: [], deliveries: [], learned: null, wouldSend: null };
}

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

/** What was remembered before, and what this run adds to it. */
function* remembered(memory: ReadonlyMap<string, Sighting>, added: readonly Sighting[]): Generator<Sighting> {
  yield* memory.values();
  for (const one of added) if (!memory.has(one.key)) yield one;
}
