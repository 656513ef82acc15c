/** What the detectors judge by beside the window's observations: gaps, blocked calls by bucket, habits, and what is open. */

import type { DetectSettings, Evidence } from "./detect/detector.ts";
import { detect } from "./detect/index.ts";
import type { Bypass, Claimed, Habit, Mismatch, Violation, Window } from "./model.ts";
import { newestScrape } from "./poll/gaps.ts";
import type { AccessLogs } from "./poll/logs/access-logs.ts";
import type { Telemetry } from "./poll/telemetry.ts";
import type { Plan } from "./poll/window.ts";
import { nothingNew, type Progress, type Store } from "./remember/store.ts";
import { learnLogs, watchAmbient } from "./watch/any-logs.ts";
import { dueBuckets, watchBlocked, watchGaps } from "./watch/blocked.ts";
import type { WatchSettings } from "./watch/counts.ts";
import { learn, type Seen } from "./watch.ts";
import type { Log } from "./words/log.ts";
import type { Memory } from "./words/memory.ts";

interface Parts {
  telemetry: Telemetry;
  store: Store;
  logs: readonly AccessLogs[];
  log: Log;
}

type Settings = WatchSettings & { detect: DetectSettings; dryRun: boolean; ambient: boolean };

interface Known {
  plan: Plan;
  progress: Progress | null;
  memory: Memory;
  open: Evidence["open"];
  seen: Seen;
  checked: { mismatches: readonly Mismatch[]; unchecked: readonly Claimed[] };
  violations: readonly Violation[];
  bypasses: readonly Bypass[];
}

/** Where nobody is to be named. */
const noDomain = () => null;

/** The evidence of a run, until when blocked calls are judged once it is remembered, and when the newest data was scraped (ms). */
export async function gather(
  { store, telemetry, logs }: Omit<Parts, "log">,
  settings: Settings,
  { plan, progress, memory, open, seen, checked, violations, bypasses }: Known,
): Promise<{ evidence: Evidence; judgedUntil: number | null; newest: number | null }> {
  const { cluster } = settings;
  const { window } = plan;
  const habits = await store.habits(cluster);
  const ended = dueBuckets(window, progress?.judgedUntil ?? null);
  const due = seen.blocked || habits.size > 0 ? ended : null;
  const span = { from: Math.min(window.from, due?.from ?? window.from), to: window.to };
  const [{ gaps, blind, newest }, ambient] = await Promise.all([
    watchGaps(telemetry, span, { series: seen.series, known: memory.size }),
    watchAmbient({ telemetry, logs }, settings, window),
  ]);
  const evidence = {
    cluster,
    window,
    observations: seen.observations,
    memory,
    isFirst: progress === null,
    open,
    blind: [...blind, ...seen.blind, ...ambient],
    blocked: due === null ? null : await watchBlocked(telemetry, settings, due, gaps, false),
    gaps,
    habits,
    mismatches: checked.mismatches,
    unchecked: checked.unchecked,
    violations,
    bypasses,
    domainOf: seen.observations.length === 0 ? noDomain : (await import("./words/domain.ts")).registrableDomain,
    settings: settings.detect,
  };
  return { evidence, judgedUntil: ended?.to ?? progress?.judgedUntil ?? null, newest };
}

/** A first run: remembers what is usual here, and how it usually gets blocked. */
export async function learnHistory(
  parts: Parts,
  settings: Settings,
  plan: Plan,
  memory: Memory,
): Promise<Seen & { newest: number | null }> {
  const counted = await learn(parts, settings, plan, memory);
  const { seen, sightings } = await learnLogs(parts, settings, plan, memory, counted);
  const { from, to } = plan.window;
  const due = dueBuckets({ from: plan.learningSince ?? from, to }, null);
  const habits = seen.blocked && due !== null ? await learnHabits(parts.telemetry, settings, due, memory) : [];
  const progress = { end: to, learningSince: null, judgedUntil: due?.to ?? null };
  if (!settings.dryRun) await parts.store.remember(settings.cluster, { ...nothingNew(progress), habits, sightings });
  const newest = await newestScrape(parts.telemetry, plan.window, null);
  return { ...seen, blind: [...seen.blind, ...(await watchAmbient(parts, settings, plan.window))], newest };
}

async function learnHabits(
  telemetry: Telemetry,
  settings: Settings,
  due: Window,
  memory: Evidence["memory"],
): Promise<Habit[]> {
  const { gaps } = await watchGaps(telemetry, due, { series: 0, known: 0 });
  const blocked = await watchBlocked(telemetry, settings, due, gaps, true);
  const nothing = {
    observations: [],
    memory,
    isFirst: true,
    open: new Map(),
    blind: [],
    habits: new Map(),
    mismatches: [],
    unchecked: [],
    violations: [],
    bypasses: [],
    domainOf: noDomain,
  };
  return detect({ ...nothing, cluster: settings.cluster, window: due, blocked, gaps, settings: settings.detect })
    .habits;
}
