/** Blocked calls far above what the history of their workload explains. The algorithm is in spike/; here it meets the run. */
import type { Buckets, Destination, Finding, Habit, Source, Window } from "../model.ts";
import { type Detector, type Evidence, finding } from "./detector.ts";
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
  /** A source's total over its destinations. */
  isTotal: boolean;
}

/** What became of one key in this run. */
interface Fed {
  of: Key;
  habit: Habit;
  finding: Finding | null;
}

const nowhere = {
  verdict: "blocked",
  protocol: "tcp",
  host: null,
  address: null,
  port: null,
  sni: null,
  claim: null,
} as const;

/**
 * Feeds the buckets of this run to each key: a source and destination, and a source's total where it has several destinations.
 * A key that nobody blocked now is fed with zeros when it is blocked again, so that a quiet run writes nothing.
 * A total stays silent where one of its destinations speaks.
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
    const fed = due(evidence, blocked, episodes).map((one) =>
      feed(one, evidence, blocked.window, episodes, parameters),
    );
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
function due(
  evidence: Evidence,
  blocked: NonNullable<Evidence["blocked"]>,
  episodes: ReadonlyMap<string, Finding>,
): Key[] {
  const { cluster, habits, gaps } = evidence;
  const quiet = Array.from({ length: Math.round((blocked.window.to - blocked.window.from) / bucketLength) }, () => 0);
  const keys = new Map<string, Key>();
  for (const one of withTotals(evidence, blocked.buckets)) {
    if (one.counts.some((count) => count > 0)) keys.set(one.key, one);
  }
  for (const { key, source, destination } of episodes.values()) {
    if (!keys.has(key)) keys.set(key, { key, source, destination, counts: quiet, isTotal: false });
  }
  const unnamed = {
    source: { cluster, namespace: "", workload: "" },
    destination: nowhere,
    counts: quiet,
    isTotal: false,
  };
  if (gaps.length > 0) for (const key of habits.keys()) if (!keys.has(key)) keys.set(key, { key, ...unnamed });
  return [...keys.values()];
}

function withTotals({ cluster, memory, habits }: Evidence, buckets: readonly Buckets[]): Key[] {
  const keys = buckets.map(
    (one): Key => ({ ...one, source: memory.get(one.key)?.source ?? { ...one.source, cluster }, isTotal: false }),
  );
  const sums = new Map<string, { total: Key; destinations: number }>();
  for (const { source, counts } of keys) {
    const key = sourceKey(cluster, source);
    const before = sums.get(key);
    const added = counts.map((count, index) => count + (before?.total.counts[index] ?? 0));
    const total = { key, source, destination: nowhere, counts: added, isTotal: true };
    sums.set(key, { total, destinations: (before?.destinations ?? 0) + 1 });
  }
  const several = [...sums.values()].filter((one) => one.destinations > 1 || habits.has(one.total.key));
  return [...keys, ...several.map((one) => one.total)];
}

function feed(
  of: Key,
  { habits, gaps }: Evidence,
  window: Window,
  episodes: ReadonlyMap<string, Finding>,
  parameters: SpikeParameters,
): Fed {
  const habit = habits.get(of.key);
  const state = habit === undefined ? newState() : decode(habit.state);
  const first = bucketAt(window.from);
  let found = episodes.get(of.key) ?? null;
  for (let bucket = state.last < 0 ? first : state.last + 1; bucket < bucketAt(window.to); bucket++) {
    const count = bucket < first ? 0 : (of.counts[bucket - first] ?? 0);
    const judged = observe(state, bucket, isMissing(bucket, gaps) ? null : count, parameters);
    if (judged.status === "judged") found = follow(found, judged, of, state, { bucket, count });
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
  { bucket, count }: { bucket: number; count: number },
): Finding | null {
  const lastSeen = bucketStart(bucket + 1);
  if (before?.state === "open") {
    const grown = { ...before, count: before.count + count, lastSeen };
    return judged.closed === null ? grown : { ...grown, state: "resolved" };
  }
  if (judged.opened === null) return before;
  const seen = { ...of, count: judged.total, firstSeen: bucketStart(judged.since), lastSeen };
  const isHuge = judged.total >= 100 && judged.total >= 20 * judged.totalExpected;
  const id = findingId("blocked-spike", of.key, state.episode.openedAt);
  const expected = { mean: judged.totalExpected, p: judged.p ?? 0, basis: basis(state) };
  return {
    ...finding("blocked-spike", isHuge ? "critical" : "warning", id, seen),
    expected,
    summary: judged.text ?? "",
  };
}

/** How much history the forecast rests on. */
function basis(state: SpikeState): string {
  const days = state.always.buckets / bucketsPerDay;
  return days >= 1 ? `${Math.round(days)}d` : `${Math.max(1, Math.round(days * 24))}h`;
}
