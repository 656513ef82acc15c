/** Blocked calls far above what the history of their workload explains. The algorithm is in spike/; here it meets the run. */
import type { Destination, Finding, Habit, Source, Window } from "../model.ts";
import { type Detector, type Evidence, finding, nowhere } from "./detector.ts";
import { findingId, sourceKey } from "./finding-id.ts";
import { bucketAt, bucketLength, bucketStart, bucketsPerDay } from "./spike/bucket.ts";
import { decode } from "./spike/decode.ts";
import { encode } from "./spike/encode.ts";
import { type Judged, observe } from "./spike/observe.ts";
import { type SpikeParameters, spikeParameters } from "./spike/parameters.ts";
import { newState, type SpikeState } from "./spike/state.ts";

interface Key {
  key: string;
  source: Source;
  destination: Destination;
  counts: readonly number[];
  earlier?: readonly number[];
  /** A source's total over its destinations. */
  isTotal: boolean;
  /** When it was blocked for the first time ever, ms. */
  firstSeen: number;
}

/** Buckets that a finding keeps to be shown: two hours. */
const mostRecent = 24;

type Blocked = NonNullable<Evidence["blocked"]>;

/** What became of one key in this run. */
interface Fed {
  of: Key;
  habit: Habit;
  finding: Finding | null;
}

/**
 * Feeds the buckets of this run to each key: a source and destination, and a source's total where it has several destinations.
 * A key that nobody blocked now is fed with zeros when it is blocked again, so that a quiet run writes nothing.
 * A total stays silent where one of its destinations speaks, and a key while its very first calls are all the evidence: those are
 * told as newly blocked.
 */
export const blockedSpike: Detector = {
  kind: "blocked-spike",
  detect(evidence) {
    const { blocked, habits, open, settings } = evidence;
    if (blocked === null) return {};
    const parameters = spikeParameters(settings.spike, Math.max(habits.size, blocked.buckets.length));
    const episodes = new Map(
      [...open.values()].filter((one) => one.kind === "blocked-spike").map((one) => [one.key, one]),
    );
    const feeding = {
      window: blocked.window,
      episodes,
      parameters,
      quiet: quietStates(evidence, blocked.window, parameters),
    };
    const fed = due(evidence, blocked, episodes).map((one) => feed(one, evidence, feeding));
    const caller = ({ source }: Finding) => JSON.stringify(source);
    const speaking = new Set(
      fed.flatMap((one) => (one.finding?.state === "open" && !one.of.isTotal ? [caller(one.finding)] : [])),
    );
    const findings = fed.flatMap(({ of, finding: found }) => {
      const echoes = found !== null && of.isTotal && !open.has(found.id) && speaking.has(caller(found));
      return found === null || echoes ? [] : [found];
    });
    return {
      findings: findings.filter((one) => one.state === "resolved" || !open.has(one.id)),
      opened: findings.filter((one) => one.state === "open"),
      closed: findings.filter((one) => one.state === "resolved").map((one) => one.id),
      habits: fed.map((one) => one.habit),
    };
  },
};

/** The keys to be fed: what was blocked now, what is in an episode, and all of them where data is missing. */
function due(evidence: Evidence, blocked: Blocked, episodes: ReadonlyMap<string, Finding>): Key[] {
  const { cluster, habits, gaps } = evidence;
  const quiet = Array.from({ length: Math.round((blocked.window.to - blocked.window.from) / bucketLength) }, () => 0);
  const keys = new Map<string, Key>();
  for (const one of withTotals(evidence, blocked)) {
    if (one.counts.some((count) => count > 0)) keys.set(one.key, one);
  }
  for (const { key, source, destination, firstSeen } of episodes.values()) {
    if (!keys.has(key)) keys.set(key, { key, source, destination, counts: quiet, isTotal: false, firstSeen });
  }
  const unnamed = {
    source: { cluster, namespace: "", workload: "" },
    destination: nowhere("blocked"),
    counts: quiet,
    isTotal: false,
    firstSeen: 0,
  };
  if (gaps.length > 0) for (const key of habits.keys()) if (!keys.has(key)) keys.set(key, { key, ...unnamed });
  return [...keys.values()];
}

/** Keys with a history or a memory of their own, and the totals of sources. The many of a fan-out count in the total alone. */
function withTotals({ cluster, memory, habits, observations }: Evidence, { window, buckets }: Blocked): Key[] {
  const seen = new Map(observations.map((one) => [one.key, one]));
  const keys = buckets.map((one): Key => {
    // Buckets know a cluster's label alone: which name people see is known to what was observed, or a total would fall apart.
    const known = memory.get(one.key) ?? seen.get(one.key);
    const source = known?.source ?? { ...one.source, cluster };
    return { ...one, source, isTotal: false, firstSeen: known?.firstSeen ?? window.from };
  });
  const sums = new Map<string, { total: Key; destinations: number }>();
  for (const { source, counts, earlier = [], firstSeen } of keys) {
    const key = sourceKey(cluster, source);
    const before = sums.get(key);
    const added = counts.map((count, index) => count + (before?.total.counts[index] ?? 0));
    const early = earlier.map((count, index) => count + (before?.total.earlier?.[index] ?? 0));
    const first = Math.min(firstSeen, before?.total.firstSeen ?? firstSeen);
    const total = {
      ...{ key, source, destination: nowhere("blocked"), counts: added, earlier: early },
      ...{ isTotal: true, firstSeen: first },
    };
    sums.set(key, { total, destinations: (before?.destinations ?? 0) + 1 });
  }
  const several = [...sums.values()].filter((one) => one.destinations > 1 || habits.has(one.total.key));
  const own = keys.filter(({ key }) => memory.has(key) || seen.has(key) || habits.has(key));
  return [...own, ...several.map((one) => one.total)];
}

/**
 * The state of a key that was never blocked before: quiet for as long as anything is remembered of the cluster, which is a history
 * too. Made once for all such keys of a run.
 */
function quietStates({ memory }: Evidence, window: Window, parameters: SpikeParameters): () => SpikeState {
  let made: SpikeState | null = null;
  return () => {
    if (made === null) {
      made = newState();
      let since = window.from;
      for (const one of memory.values()) since = Math.min(since, one.firstSeen);
      for (let bucket = bucketAt(since); bucket < bucketAt(window.from); bucket++) observe(made, bucket, 0, parameters);
    }
    return structuredClone(made);
  };
}

interface Feeding {
  window: Window;
  episodes: ReadonlyMap<string, Finding>;
  parameters: SpikeParameters;
  quiet: () => SpikeState;
}

function feed(of: Key, { habits, gaps }: Evidence, { window, episodes, parameters, quiet }: Feeding): Fed {
  const habit = habits.get(of.key);
  const state = habit === undefined ? quiet() : decode(habit.state);
  const first = bucketAt(window.from);
  let found = episodes.get(of.key) ?? null;
  for (let bucket = state.last < 0 ? first : state.last + 1; bucket < bucketAt(window.to); bucket++) {
    const count = bucket < first ? 0 : (of.counts[bucket - first] ?? 0);
    const judged = observe(state, bucket, isMissing(bucket, gaps) ? null : count, parameters);
    if (judged.status === "judged") found = follow(found, judged, of, state, { bucket, count, first });
  }
  return { of, habit: { key: of.key, state: encode(state) }, finding: found };
}

const isMissing = (bucket: number, gaps: readonly Window[]) =>
  gaps.some((gap) => gap.from < bucketStart(bucket + 1) && gap.to > bucketStart(bucket));

/** The finding after one more bucket: opened, grown, resolved, or none. */
function follow(
  before: Finding | null,
  judged: Judged,
  of: Key,
  state: SpikeState,
  { bucket, count, first }: { bucket: number; count: number; first: number },
): Finding | null {
  const lastSeen = bucketStart(bucket + 1);
  if (before?.state === "open") {
    const recent = before.recent === undefined ? {} : { recent: [...before.recent, count].slice(-mostRecent) };
    const severity = isHuge(count, judged.expected) ? "critical" : before.severity;
    const grown = { ...before, ...recent, count: before.count + count, severity, lastSeen };
    return judged.closed === null ? grown : { ...grown, state: "resolved" };
  }
  if (judged.opened === null || of.firstSeen >= bucketStart(judged.since)) return before;
  const seen = { ...of, count: judged.total, firstSeen: bucketStart(judged.since), lastSeen };
  const id = findingId("blocked-spike", of.key, state.episode.openedAt);
  const expected = { mean: judged.totalExpected, p: judged.p ?? 0, basis: basis(state) };
  return {
    ...finding("blocked-spike", isHuge(judged.total, judged.totalExpected) ? "critical" : "warning", id, seen),
    expected,
    recent: [...(of.earlier ?? []), ...of.counts.slice(0, bucket - first + 1)].slice(-mostRecent),
    summary: judged.text ?? "",
  };
}

/** Critical, from then on: so many calls, and so many times what was expected. While a spike lasts, each bucket stands for itself. */
const isHuge = (total: number, expected: number): boolean => total >= 100 && total >= 20 * expected;

/** How much history the forecast rests on. */
function basis(state: SpikeState): string {
  const days = state.always.buckets / bucketsPerDay;
  return days >= 1 ? `${Math.round(days)}d` : `${Math.max(1, Math.round(days * 24))}h`;
}
