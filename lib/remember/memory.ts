/** ADAPTER: memory of this process only; for tests, dry runs and one-off looks. */
import type { Answer, Finding, Habit, Letter, Sighting, ToldFinding, Verdict } from "../model.ts";
import { answersKept, mostFindings, type Progress, type Store } from "./store.ts";

interface Room {
  sightings: Map<string, Sighting>;
  letters: Map<string, Letter>;
  open: Map<string, Finding>;
  habits: Map<string, Habit>;
  answers: Map<string, Answer>;
  findings: Map<string, ToldFinding>;
  progress: Progress | null;
  /** Resolves when the run that holds the lease is done. */
  turn: Promise<void>;
}

/** A store that forgets everything when the process ends. What it hands out is shared, and read only as everywhere. */
export function memory(): Store {
  const rooms = new Map<string, Room>();
  const verdicts = new Map<string, Verdict>();
  const room = (cluster: string): Room => {
    const found = rooms.get(cluster) ?? {
      sightings: new Map(),
      letters: new Map(),
      open: new Map(),
      habits: new Map(),
      answers: new Map(),
      findings: new Map(),
      progress: null,
      turn: Promise.resolve(),
    };
    rooms.set(cluster, found);
    return found;
  };
  return {
    async lease(cluster) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const before = room(cluster).turn;
      room(cluster).turn = before.then(() => promise);
      await before;
      return { release: async () => resolve() };
    },
    progress: async (cluster) => room(cluster).progress,
    recall: async (cluster) => new Map(room(cluster).sightings),
    async remember(cluster, change) {
      const { sightings, letters } = room(cluster);
      for (const one of change.sightings) sightings.set(one.key, one);
      for (const one of change.letters) if (!letters.has(one.id)) letters.set(one.id, one);
      for (const one of change.opened) room(cluster).open.set(one.id, one);
      for (const id of change.closed) room(cluster).open.delete(id);
      for (const one of change.habits) room(cluster).habits.set(one.key, one);
      room(cluster).answers = kept([...room(cluster).answers.values(), ...change.answers], change.progress.end);
      room(cluster).findings = newest([...change.findings, ...room(cluster).findings.values()], verdicts);
      room(cluster).progress = { ...change.progress };
    },
    open: async (cluster) => new Map(room(cluster).open),
    habits: async (cluster) => new Map(room(cluster).habits),
    answers: async (cluster) => new Map(room(cluster).answers),
    rehearse: async () => {},
    letters: async (cluster) => [...room(cluster).letters.values()],
    async told(cluster, letterId) {
      room(cluster).letters.delete(letterId);
    },
    clusters: async () => [...rooms].flatMap(([name, one]) => (one.progress === null ? [] : [name])).sort(),
    verdicts: async () => new Map(verdicts),
    rule: async (verdict) => void verdicts.set(verdict.id, { ...verdict }),
    unrule: async (id) => verdicts.delete(id),
    findings: async (cluster, ids) =>
      new Map([...room(cluster).findings].filter(([id]) => ids === undefined || ids.has(id))),
    close: async () => {},
  };
}

/** Later ones in the list were told before, and replace earlier ones of the same id. */
function newest(all: readonly ToldFinding[], verdicts: ReadonlyMap<string, Verdict>): Map<string, ToldFinding> {
  const byId = new Map(all.map((one) => [one.id, one]));
  const sorted = [...byId.values()].sort((one, other) => other.at - one.at || (one.id < other.id ? -1 : 1));
  return new Map(
    sorted.filter(({ id }, index) => index < mostFindings || verdicts.has(id)).map((one) => [one.id, one]),
  );
}

/** Later ones replace earlier ones of the same question. */
function kept(answers: readonly Answer[], end: number): Map<string, Answer> {
  const latest = new Map(answers.map((one) => [one.question, one]));
  const newest = [...latest.values()]
    .filter((one) => one.until >= end - answersKept.after)
    .sort((one, other) => other.at - one.at || (one.question < other.question ? -1 : 1));
  return new Map(newest.slice(0, answersKept.most).map((one) => [one.question, one]));
}
