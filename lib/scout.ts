/**
 * THE PAGE TO READ FIRST: one run of one cluster, from window to told. Every step is a call into its own room:
 * poll → observe → recall → detect → enrich → suggest → remember → notify → told. What the mesh is known to use is recognised first:
 * a name that does not answer to its address is evidence, too. No I/O of its own.
 */
import type { DetectSettings } from "./detect/detector.ts";
import { detect } from "./detect/index.ts";
import { enrich } from "./enrich/enrich.ts";
import { mismatches } from "./enrich/mismatches.ts";
import type { NamingParts } from "./enrich/naming.ts";
import { type Gateway, isGateway } from "./gateway.ts";
import { gather, learnHistory } from "./gather.ts";
import type { Log } from "./log.ts";
import type { ExistingEntry, ExistingObject, Finding, LabelNames, Letter, Sighting } from "./model.ts";
import type { Channel } from "./notify/channel.ts";
import { address, compose, type Route } from "./notify/compose.ts";
import { type Delivery, deliver, letterTo } from "./notify/deliver.ts";
import { type OwnerParts, ownersOf } from "./owners.ts";
import type { Policies } from "./policy/index.ts";
import type { AccessLogs } from "./poll/logs/access-logs.ts";
import { type Plan, planWindow, type WindowOrder } from "./poll/window.ts";
import { printable } from "./printable.ts";
import { recognise, withNames } from "./recognise.ts";
import type { Store } from "./remember/store.ts";
import type { Told } from "./report/document.ts";
import { type SuggestSettings, suggest } from "./suggest/suggest.ts";
import { type Seen, watch } from "./watch.ts";
import { taking } from "./watch-entries.ts";
import { learned, withLogs } from "./watch-logs.ts";
import { forbidding, lateViolations } from "./watch-policies.ts";

/** The parts of a run, chosen by wire.ts. */
export interface Parts extends OwnerParts, Omit<NamingParts, "seen"> {
  /** The manifests in force, and of these the ServiceEntries. */
  objects: readonly ExistingObject[];
  entries: readonly ExistingEntry[];
  store: Store;
  channels: ReadonlyMap<string, Channel>;
  /** Ids of findings that a verdict approves. */
  approved: ReadonlySet<string>;
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
  const { store, telemetry } = parts;
  const { cluster, dryRun } = order;
  const progress = await store.progress(cluster);
  const plan = planWindow(progress, order);
  const memory = await store.recall(cluster);
  if (plan.mode === "learn") {
    const seen = await learnHistory(parts, order, plan, memory);
    return await finish(parts, order, { ...beginning(order, plan, seen), learned: learned(parts.logs, memory) });
  }

  const { naming, doubts, failures, answers } = await recognise(parts, order, memory);
  const { policies, gateway = null } = order;
  const judges = {
    forbids: forbidding(policies, memory, naming),
    takes: taking(parts.objects, order.suggest, memory),
  };
  const counted = await watch(telemetry, order, plan, memory, doubts, judges);
  const seen = await withLogs(parts, order, plan, memory, { seen: counted, doubts, ...judges });
  const checked = await mismatches(seen.doubtful, naming);
  const late = await lateViolations(seen.observations, seen.violations, policies, naming);
  const violations = [...seen.violations, ...late];
  const { evidence, judgedUntil } = await gather(parts, order, {
    ...{ plan, progress, memory, seen, checked, violations },
    bypasses: seen.bypasses,
  });
  const { findings: found, opened, closed, habits, forgotten } = detect(evidence);
  const owners = await ownersOf(
    parts,
    found.map(({ source }) => source),
    { at: order.to, matchers: order.matchers },
  );
  const { findings: named, warnings } = await enrich(found, {
    ownerOf: owners.ownerOf,
    naming,
    gateway,
    failures: [...failures, ...checked.failures],
  });
  const kept = seen.sightings.filter((one) => !forgotten.has(one.key));
  const sightings = await withNames(kept, named, memory, { naming, to: order.to, late: order.lateNames && !dryRun });
  const findings = suggest(named, {
    sightings: remembered(memory, sightings),
    settings: { ...order.suggest, now: order.to },
    policies,
    throughGateway: ({ key, source }) => isGateway(source, gateway) || seen.throughGateway.get(key) === true,
    teamOf: owners.teamOf,
    existing: parts.entries,
    objects: parts.objects,
  });
  const letters = addressed(findings, order, plan);
  if (!dryRun) {
    const end = Math.max(plan.window.to, progress?.end ?? 0);
    const change = { sightings, letters, opened, closed, habits, answers: answers() };
    await store.remember(cluster, { ...change, progress: { end, learningSince: null, judgedUntil } });
  }
  const begun = beginning(order, plan, seen);
  const blind = evidence.blind.map((one) => one.text);
  const all = { ...begun, blind, findings, warnings: [...begun.warnings, ...warnings, ...owners.warnings] };
  return await finish(parts, order, { ...all, wouldSend: dryRun ? letters : null });
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
async function finish(
  { store, channels, telemetry, networks, warnings: wired }: Parts,
  { cluster, dryRun }: Order,
  scan: Scan,
): Promise<Scan> {
  const due = dryRun ? [] : await store.letters(cluster);
  const deliveries = await deliver(due, channels, (letter) => store.told(cluster, letter.id));
  const astray = [...new Set(due.filter((one) => !channels.has(one.channel)).map((one) => one.channel))];
  const { queries, warnings: said } = telemetry.asked();
  const before = [...wired, ...said, ...(networks?.warnings() ?? [])];
  const lost = astray.map((channel) => `messages wait for the channel ${channel}, which the config does not have`);
  return { ...scan, deliveries, queries, warnings: [...before, ...scan.warnings, ...lost] };
}

function beginning({ cluster, policies }: Order, { mode, window }: Plan, seen: Seen): Scan {
  const { series, keys, known, odd, unjudged } = seen;
  const byLabel = policies.byLabel.map((name) => printable(name)).join(", ");
  const said: [isSo: boolean, text: string][] = [
    [odd > 0, `${odd} rows hold a value that no counter has (NaN, infinite, negative or huge): they were passed over`],
    [
      unjudged > 0,
      `${unjudged} more known destinations violate a policy than are counted in one run: they are not told`,
    ],
    [byLabel !== "", `policies for workloads by label decide nothing here, since metrics tell no labels: ${byLabel}`],
  ];
  const warnings = [...said.flatMap(([isSo, text]) => (isSo ? [text] : [])), ...seen.warnings];
  const blind = seen.blind.map((one) => one.text);
  const sums = { queries: 0, series, observations: keys.size, known, blind, warnings };
  return { cluster, mode, window, ...sums, findings: [], deliveries: [], learned: null, wouldSend: null };
}

/** What was remembered before, and what this run adds to it. */
function* remembered(memory: ReadonlyMap<string, Sighting>, added: readonly Sighting[]): Generator<Sighting> {
  yield* memory.values();
  for (const one of added) if (!memory.has(one.key)) yield one;
}
