import { describe, expect, it } from "vitest";
import { blockedSpike } from "../../lib/detect/blocked-spike.ts";
import type { Evidence } from "../../lib/detect/detector.ts";
import { sourceKey } from "../../lib/detect/finding-id.ts";
import type { Finding, Habit, Window } from "../../lib/model.ts";
import { firstSighting } from "../../lib/remember/sighting.ts";
import { Memory } from "../../lib/words/memory.ts";
import { blocked, evidence, noon, observation } from "./make.ts";

const bucket = 5 * 60_000;
const one = observation(blocked);
const other = observation({ ...blocked, host: "b.example.com" });

/** Runs one after the other over whole buckets, each remembering what the one before did. */
function story(from = noon) {
  // Known since it begins: calls that are the very first are told as newly blocked.
  const memory = new Memory([one, other].map((each) => firstSighting({ ...each, firstSeen: from })));
  let [end, habits, open] = [from, new Map<string, Habit>(), new Map<string, Finding>()];
  /** What a run finds of so many calls of `one`, and of `other`, bucket by bucket. */
  const run = (counts: number[], others: number[] = [], change: Partial<Evidence> = {}) => {
    const window: Window = { from: end, to: end + counts.length * bucket };
    const buckets = [
      { ...one, counts },
      { ...other, counts: counts.map((_, index) => others[index] ?? 0) },
    ].filter((each) => each.counts.some((count) => count > 0));
    const concluded = blockedSpike.detect(
      evidence({ window, memory, blocked: { window, buckets }, habits, open, ...change }),
    );
    end = window.to;
    habits = new Map([...habits, ...(concluded.habits ?? []).map((habit) => [habit.key, habit] as const)]);
    open = new Map([...open, ...(concluded.opened ?? []).map((each) => [each.id, each] as const)]);
    for (const id of concluded.closed ?? []) open.delete(id);
    return concluded;
  };
  return { run, open: () => [...open.values()], habits: () => habits };
}

const steady = (days: number) => Array.from({ length: days * 288 }, (_, index) => (index % 12 === 0 ? 1 : 0));
const quiet = (buckets: number) => Array.from({ length: buckets }, () => 0);

describe("detect/blocked-spike", () => {
  it("finds nothing where nothing is to be judged, and nothing usual", () => {
    expect(blockedSpike.detect(evidence())).toEqual({});
    expect(story().run(steady(3)).findings).toEqual([]);
  });

  it("finds far more than the history explains, with what was expected and on what that rests", () => {
    const { run } = story();
    run(steady(3));
    const [found] = run([40, 40, 40]).findings ?? [];
    expect(found).toMatchObject({
      kind: "blocked-spike",
      state: "open",
      key: one.key,
      source: one.source,
      destination: one.destination,
      severity: "warning",
      firstSeen: noon + 3 * 86_400_000,
      expected: { basis: "3d" },
    });
    expect(found?.count).toBeGreaterThanOrEqual(40);
    expect(found?.expected?.mean).toBeLessThan(5);
    expect(found?.expected?.p).toBeLessThan(1e-6);
    expect(found?.summary).not.toBe("");
  });

  it("shows how it went, five minutes by five minutes, for two hours at most", () => {
    const { run, open } = story();
    run(steady(3));
    const end = noon + 3 * 86_400_000;
    const window = { from: end, to: end + 2 * bucket };
    const buckets = [{ ...one, counts: [40, 41], earlier: [0, 0, 3] }];
    const [found] = run([40, 41], [], { blocked: { window, buckets } }).findings ?? [];
    expect(found?.recent?.slice(0, 4)).toEqual([0, 0, 3, 40]);
    expect(open()[0]?.recent).toEqual([0, 0, 3, 40, 41]);
    run(Array.from({ length: 30 }, (_, n) => 50 + n));
    expect(open()[0]?.recent).toEqual(Array.from({ length: 24 }, (_, n) => 56 + n));
  });

  it("is told once while it lasts, and once when it is over, with all its calls", () => {
    const { run, open } = story();
    run(steady(3));
    const [found] = run([40, 40]).findings ?? [];
    expect(run([40, 40]).findings).toEqual([]);
    expect(open().map((each) => each.count)).toEqual([160]);
    const over = [...Array(24)].flatMap(() => run(quiet(12)).findings ?? []);
    expect(over).toMatchObject([{ id: found?.id, state: "resolved", count: 160 }]);
    expect(open()).toEqual([]);
  });

  it("comes to the same whether the buckets come one by one or all at once", () => {
    const counts = [...steady(2), 40, 40, 0, 0];
    const once = story();
    const [found] = once.run(counts).findings ?? [];
    const each = story();
    const [same] = counts.flatMap((count) => each.run([count]).findings ?? []);
    expect([same?.id, same?.firstSeen, same?.expected]).toEqual([found?.id, found?.firstSeen, found?.expected]);
    expect(each.open()[0]?.count).toBe(once.open()[0]?.count);
  });

  it("writes nothing for keys that nobody blocked, and takes their silence for zeros afterwards", () => {
    const { run, habits } = story();
    run(steady(1));
    const before = habits().get(one.key);
    for (let hour = 0; hour < 24; hour++) expect(run(quiet(12)).habits).toEqual([]);
    expect(habits().get(one.key)).toBe(before);
    const late = story();
    late.run([...steady(1), ...quiet(288)]);
    run([1]);
    late.run([1]);
    expect(habits().get(one.key)).toEqual(late.habits().get(one.key));
  });

  it("does not take a time without data for a quiet one", () => {
    const gapped = story();
    gapped.run(steady(2));
    const from = noon + 2 * 86_400_000;
    gapped.run(quiet(12), [], { gaps: [{ from, to: from + 12 * bucket }] });
    const silent = story();
    silent.run([...steady(2), ...quiet(12)]);
    silent.run([1]);
    gapped.run([1]);
    expect(gapped.habits().get(one.key)).not.toEqual(silent.habits().get(one.key));
  });

  it("watches the total of a workload with several destinations, which is silent where one of them speaks", () => {
    const { run, habits } = story();
    run(steady(3), steady(3));
    expect(habits().size).toBe(3);
    const findings = run([60, 60], [0, 0]).findings ?? [];
    expect(findings.map((each) => each.key)).toEqual([one.key]);
  });

  it("weighs most what is huge", () => {
    const { run } = story();
    run(steady(3));
    expect(run([400]).findings).toMatchObject([{ severity: "critical", count: 400 }]);
  });

  it("weighs most what becomes huge, from then on", () => {
    const { run, open } = story();
    run(steady(3));
    expect(run([40]).findings).toMatchObject([{ severity: "warning" }]);
    const severities = [400, 40, 5].map((count) => {
      run([count]);
      return open()[0]?.severity;
    });
    expect(severities).toEqual(["critical", "critical", "critical"]);
  });

  it("speaks of the total where many destinations are blocked a little, and none of them much", () => {
    // One call an hour to each of twelve ports, each in another bucket; then one to all of them in every bucket.
    const counts = (n: number) => [...quiet(n), ...steady(3), ...quiet(12 - n), 1, 1, 1];
    const buckets = Array.from({ length: 12 }, (_, n) => ({
      ...observation({ ...blocked, port: n }),
      counts: counts(n),
    }));
    const window = { from: noon, to: noon + counts(0).length * bucket };
    const { findings = [] } = blockedSpike.detect(evidence({ window, blocked: { window, buckets } }));
    expect(findings).toMatchObject([{ source: one.source, destination: { host: null, port: null }, state: "open" }]);
  });

  it("counts what is new of a workload to its total where the workload is called by the label of its cluster", () => {
    // The buckets know the label alone, not that one Prometheus holds several clusters.
    const source = { ...one.source, cluster: "west" };
    const labelled = (port: number) => observation({ ...blocked, port }, { source });
    const memory = new Memory([firstSighting({ ...labelled(1), firstSeen: noon - 90 * 86_400_000 })]);
    const now = { ...labelled(2), firstSeen: noon };
    const window = { from: noon, to: noon + bucket };
    const buckets = [labelled(1), now].map((each) => ({ ...each, source: one.source, counts: [3] }));
    const { habits } = blockedSpike.detect(
      evidence({ window, memory, observations: [now], blocked: { window, buckets } }),
    );
    expect(habits?.map(({ key }) => key)).toEqual([labelled(1).key, now.key, sourceKey("prod", source)]);
  });
});
