/** ADAPTER: memory of this process only; for tests, dry runs and one-off looks. */
import type {
  Answer,
  AskedRun,
  Failure,
  Finding,
  Habit,
  Letter,
  Sighting,
  Telling,
  ToldFinding,
  Verdict,
} from "../model.ts";
import { answersKept, mostFindings, type Progress, receiptsKept, runsKept, type Store, type Unsent } from "./store.ts";

interface Room {
  sightings: Map<string, Sighting>;
  letters: Map<string, Letter>;
  open: Map<string, Finding>;
  tellings: Map<string, Telling>;
  outages: Map<string, Failure>;
  habits: Map<string, Habit>;
  answers: Map<string, Answer>;
  findings: Map<string, ToldFinding>;
  /** By channel, then key. */
  receipts: Map<string, Map<string, { receipt: string; at: number }>>;
  progress: Progress | null;
  /** Resolves when the run that holds the lease is done. */
  turn: Promise<void>;
}

/** A store that forgets everything when the process ends. What it hands out is shared, and read only as everywhere. */
export function memory(): Store {
  const rooms = new Map<string, Room>();
  const verdicts = new Map<string, Verdict>();
  const runs = new Map<string, AskedRun>();
  const room = (cluster: string): Room => {
    const found = rooms.get(cluster) ?? emptyRoom();
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
      for (const [id, telling] of change.tellings)
        if (room(cluster).open.has(id)) room(cluster).tellings.set(id, telling);
      for (const id of change.closed) {
        room(cluster).open.delete(id);
        room(cluster).tellings.delete(id);
      }
      for (const one of change.habits) room(cluster).habits.set(one.key, one);
      room(cluster).answers = kept([...room(cluster).answers.values(), ...change.answers], change.progress.end);
      room(cluster).findings = newest([...change.findings, ...room(cluster).findings.values()], verdicts);
      room(cluster).progress = { ...change.progress };
    },
    open: async (cluster) => new Map(room(cluster).open),
    tellings: async (cluster) => new Map(room(cluster).tellings),
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
    outages: async (cluster) => new Map(room(cluster).outages),
    unsent: async (cluster, unsent) => noteUnsent(room(cluster), unsent),
    async receipts(cluster, channel) {
      const own = room(cluster).receipts.get(channel) ?? new Map<string, { receipt: string }>();
      return new Map([...own].map(([key, { receipt }]) => [key, receipt]));
    },
    keepReceipts: async (cluster, channel, changes, at) => noteReceipts(room(cluster), channel, changes, at),
    async askRun(run, since) {
      const others = [...runs.values()].filter(({ cluster }) => cluster === run.cluster);
      if (others.some(({ state, at }) => (state === "queued" || state === "running") && at > since)) return false;
      runs.set(run.id, { ...run });
      const newest = [...runs.values()].sort((one, other) => other.at - one.at);
      for (const one of newest.slice(runsKept.most)) runs.delete(one.id);
      for (const one of newest) if (one.at < run.at - runsKept.after) runs.delete(one.id);
      return true;
    },
    keepRun: async (run) => void runs.set(run.id, { ...run }),
    async askedRun(id, now) {
      const found = runs.get(id);
      return found === undefined || found.at < now - runsKept.after ? null : { ...found };
    },
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

const emptyRoom = (): Room => ({
  sightings: new Map(),
  letters: new Map(),
  open: new Map(),
  tellings: new Map(),
  outages: new Map(),
  habits: new Map(),
  answers: new Map(),
  receipts: new Map(),
  findings: new Map(),
  progress: null,
  turn: Promise.resolve(),
});

function noteUnsent({ letters, outages }: Room, unsent: Unsent): void {
  for (const [id, failure] of unsent.failures) {
    const one = letters.get(id);
    if (one !== undefined) letters.set(id, { ...one, failure });
  }
  for (const [channel, outage] of unsent.outages) {
    if (outage === null) outages.delete(channel);
    else outages.set(channel, outage);
  }
  for (const one of unsent.letters) if (!letters.has(one.id)) letters.set(one.id, one);
}

function noteReceipts(
  { receipts, open }: Room,
  channel: string,
  changes: ReadonlyMap<string, string | null>,
  at: number,
): void {
  const own = receipts.get(channel) ?? new Map<string, { receipt: string; at: number }>();
  receipts.set(channel, own);
  for (const [key, one] of own) if (one.at < at - receiptsKept && !open.has(key)) own.delete(key);
  for (const [key, receipt] of changes) {
    if (receipt === null) own.delete(key);
    else own.set(key, { receipt, at });
  }
}

/** Later ones replace earlier ones of the same question. */
function kept(answers: readonly Answer[], end: number): Map<string, Answer> {
  const latest = new Map(answers.map((one) => [one.question, one]));
  const newest = [...latest.values()]
    .filter((one) => one.until >= end - answersKept.after)
    .sort((one, other) => other.at - one.at || (one.question < other.question ? -1 : 1));
  return new Map(newest.slice(0, answersKept.most).map((one) => [one.question, one]));
}
