/** ADAPTER: memory of this process only; for tests, dry runs and one-off looks. */
import type { AskedRun, Verdict } from "../model.ts";
import { Memory } from "../words/memory.ts";
import { emptyRoom, noteChange, noteReceipts, noteUnsent, type Room, receiptsOf } from "./room.ts";
import { runsKept, type Store } from "./store.ts";

/** A store that forgets everything when the process ends. What it hands out is shared, and read only as everywhere. */
export function memory(): Store {
  const rooms = new Map<string, Room>();
  /** By cluster: resolves when the run that holds the lease is done. */
  const turns = new Map<string, Promise<void>>();
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
      const before = turns.get(cluster) ?? Promise.resolve();
      turns.set(
        cluster,
        before.then(() => promise),
      );
      await before;
      return { release: async () => resolve() };
    },
    progress: async (cluster) => room(cluster).progress,
    recall: async (cluster) => new Memory(room(cluster).sightings.values()),
    remember: async (cluster, change) => noteChange(room(cluster), change, (id) => verdicts.has(id)),
    open: async (cluster) => new Map(room(cluster).open),
    tellings: async (cluster) => new Map(room(cluster).tellings),
    habits: async (cluster) => new Map(room(cluster).habits),
    answers: async (cluster) => new Map(room(cluster).answers),
    rehearse: async () => {},
    letters: async (cluster) => [...room(cluster).letters.values()],
    told: async (cluster, letterId) => void room(cluster).letters.delete(letterId),
    clusters: async () => [...rooms].flatMap(([name, one]) => (one.progress === null ? [] : [name])).sort(),
    verdicts: async () => new Map(verdicts),
    rule: async (verdict) => void verdicts.set(verdict.id, { ...verdict }),
    unrule: async (id) => verdicts.delete(id),
    findings: async (cluster, ids) =>
      new Map([...room(cluster).findings].filter(([id]) => ids === undefined || ids.has(id))),
    outages: async (cluster) => new Map(room(cluster).outages),
    unsent: async (cluster, unsent) => noteUnsent(room(cluster), unsent),
    receipts: async (cluster, channel) => receiptsOf(room(cluster), channel),
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
