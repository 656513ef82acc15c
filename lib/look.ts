/** The first half of a run: poll → observe → recall, with what the DNS, the policies and the manifests in force say of it. No I/O of its own. */

import type { Evidence } from "./detect/detector.ts";
import { mismatches } from "./enrich/mismatches.ts";
import { gather } from "./gather.ts";
import type { ExistingObject, Finding } from "./model.ts";
import type { Policies } from "./policy/index.ts";
import { seenUntil } from "./poll/ahead.ts";
import type { Plan } from "./poll/window.ts";
import { type Recognition, recognise } from "./recognise.ts";
import type { Progress } from "./remember/store.ts";
import type { SuggestSettings } from "./suggest/suggest.ts";
import type { Rulings } from "./verdicts/rulings.ts";
import { withLogs } from "./watch/any-logs.ts";
import type { Takes } from "./watch/bypasses.ts";
import { labelledPolicies } from "./watch/labels.ts";
import { forbidding, lateViolations } from "./watch/policies.ts";
import { type Seen, watch } from "./watch.ts";
import type { Memory } from "./words/memory.ts";

type Parts = Parameters<typeof recognise>[0] &
  Parameters<typeof gather>[0] &
  Parameters<typeof withLogs>[0] & { objects: readonly ExistingObject[] };
type Order = Parameters<typeof recognise>[1] &
  Parameters<typeof gather>[1] & { policies: Policies; suggest: SuggestSettings; byClock?: boolean };

/** What a run sees of its window, and what it is to be judged by. */
export interface Looked extends Pick<Recognition, "naming" | "failures" | "answers"> {
  seen: Seen;
  evidence: Evidence;
  /** Until when blocked calls are judged once this is remembered, ms. */
  judgedUntil: number | null;
  /** When the newest data was scraped that the run could see, ms; null where nobody can tell. */
  newest: number | null;
  /** Until when it was to be seen, ms: the window's end, unless this machine's clock is ahead. */
  until: number;
  /** Those of the config, with the labels of callers. */
  policies: Policies;
  /** To be said with those of the run. */
  warnings: string[];
}

/** What is known before a run looks. */
export interface Known {
  plan: Plan;
  progress: Progress | null;
  memory: Memory;
  /** Findings that were open before, by id. */
  open: ReadonlyMap<string, Finding>;
  rulings: Rulings;
}

/** Looks at the window for what is not remembered, and for what should not be. */
export async function look(parts: Parts, order: Order, { rulings, ...known }: Known): Promise<Looked> {
  const { telemetry } = parts;
  const { plan, memory } = known;
  const approving = { ...parts, approved: rulings.approved };
  const { naming, doubts, failures, answers } = await recognise(approving, order, memory);
  const policies = await labelledPolicies(telemetry, order.policies, plan.window, order.matchers);
  const { takes, warnings } = await taking(parts.objects, order.suggest, memory);
  const judges = { forbids: forbidding(policies, memory, naming), takes, concerning: rulings.concerning };
  const counted = await watch(telemetry, order, plan, memory, doubts, judges);
  const seen = await withLogs(parts, order, plan, memory, { seen: counted, doubts, ...judges });
  const checked = await mismatches(seen.doubtful, naming);
  const late = await lateViolations(seen.observations, seen.violations, policies, naming);
  const violations = [...seen.violations, ...late];
  const all = { ...known, seen, checked, violations, bypasses: seen.bypasses };
  const { evidence, judgedUntil, newest } = await gather(parts, order, all);
  const { to } = plan.window;
  const clock = order.byClock ? seenUntil(telemetry, to) : { until: to, warnings: [] };
  return {
    naming,
    until: clock.until,
    failures: [...failures, ...checked.failures],
    answers,
    seen,
    evidence,
    judgedUntil,
    newest,
    policies,
    warnings: [...clock.warnings, ...warnings],
  };
}

/** Whether the manifests in force take a call; what knows Istio's ways is loaded where there are any. */
async function taking(
  objects: readonly ExistingObject[],
  settings: SuggestSettings,
  memory: Memory,
): Promise<{ takes: Takes; warnings: string[] }> {
  if (objects.length === 0) return { takes: () => null, warnings: [] };
  return (await import("./watch/entries.ts")).taking(objects, settings, memory);
}
