/** One cluster of the table: its state is read once a run, and each change is one conditional write of its head. */
import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import pLimit from "p-limit";
import { busyCluster } from "./dynamodb-error.ts";
import { type Head, type State, version } from "./dynamodb-head.ts";
import { free, type Held, type LeaseSettings, takeLease } from "./dynamodb-lease.ts";
import { keysOf, packId, readView, smallPack, type View, writeLog, writeSnapshot } from "./dynamodb-packs.ts";
import type { Table } from "./dynamodb-table.ts";
import { damaged } from "./packs.ts";
import type { Room } from "./room.ts";
import { type Call, callRows, carryOut } from "./room-rows.ts";
import type { Lease, Progress } from "./store.ts";

/** A log this long is still cheaper to read than a snapshot to write, whatever the snapshot's size. */
const shortLog = 64 * 1024;
/** Part of its snapshot's size that a log may have: about where reading it in each run costs what it does to write a new one and delete the old. */
const logShare = 1 / 2;
const mostLogs = 1000;
/** How long a write without a lease waits for a run to end, ms. */
const writePatience = 10_000;
const writeStep = 200;
/** How often a state is read again that was replaced while it was read. */
const mostReads = 5;

export type OneCluster = ReturnType<typeof clusterIn>;

export function clusterIn(table: Table, cluster: string, settings: LeaseSettings) {
  const inTurn = pLimit(1);
  let held: Held | null = null;
  let view: View | null = null;
  /** The head as it came with the lease, until it is read by. */
  let leased: Head | null = null;

  /** Nobody else may write while we hold the lease: then what was read once is how it is. */
  async function fresh(): Promise<View> {
    if (view !== null && held !== null) return view;
    const head = leased ?? (await table.head(cluster));
    leased = null;
    if (held !== null && head.lease?.owner !== held.owner) throw lost();
    if (view !== null && view.head.mark === head.mark) return view;
    view = null;
    view = await readWhole(table, cluster, head);
    // What another run is about to name looks like garbage to whoever has no lease.
    if (held === null) view.strays = [];
    return view;
  }

  const lost = () =>
    busyCluster(table.name, cluster, "it has taken over, since this run's lease was not renewed in time");

  async function changeOnce(make: (room: Room) => Promise<Call | null>): Promise<boolean> {
    const before = await fresh();
    const call = await make(before.room);
    if (call === null) return true;
    // Until the write is through nobody knows how it is.
    view = null;
    const after = await write(table, cluster, before, { call, held, now: settings.now() });
    if (after === null && held !== null) throw lost();
    view = after;
    return after !== null;
  }

  return {
    async lease(patience: number): Promise<Lease> {
      const taken = await takeLease(table, cluster, patience, settings);
      return await inTurn(() => {
        [held, view, leased] = [taken, null, taken.head];
        return {
          release: () =>
            inTurn(async () => {
              if (held === taken) [held, view, leased] = [null, null, null];
              await taken.release();
            }),
        };
      });
    },
    /** Of the head alone, so that who has nothing to do, or only watches, reads no packs. */
    progress: (): Promise<Progress | null> =>
      inTurn(async () => ((held && (view?.head ?? leased)) ?? (await table.head(cluster))).progress),
    read: <T>(look: (room: Room) => T): Promise<T> => inTurn(async () => look((await fresh()).room)),
    /** @param make the change to what is there; null where there is none */
    change: (make: (room: Room) => Promise<Call | null>): Promise<void> =>
      inTurn(async () => {
        for (let waited = 0; !(await changeOnce(make)); waited += writeStep) {
          if (waited >= writePatience) throw busyCluster(table.name, cluster, "it holds the lease");
          await wait(writeStep);
        }
      }),
    /** A lease that nobody gave back is not kept alive by a store that is closed. */
    abandon(): void {
      held?.abandon();
    },
    /** Lets go of what was read, outside a run. */
    forget(): void {
      if (held === null) view = null;
    },
  };
}

/** Packs are never changed, so whatever is named and there is right, and an inconsistent read, which costs half, is good enough. */
async function readWhole(table: Table, cluster: string, first: Head): Promise<View> {
  let head = first;
  for (let read = 0; read < mostReads; read++) {
    const view = await readView(table, cluster, head, read > 0);
    if (view !== null) return view;
    const now = await table.head(cluster);
    if (read > 0 && now.mark === head.mark) {
      throw damaged(`the state of ${JSON.stringify(cluster)} in the table ${table.name}`, "a part of it is not there");
    }
    head = now;
  }
  throw busyCluster(table.name, cluster, "it replaces its state faster than that is read");
}

interface Writing {
  call: Call;
  held: Held | null;
  now: number;
}

/** The view after it, or null where another wrote first, or holds the lease. The room of `view` is changed in any case. */
async function write(table: Table, cluster: string, view: View, { call, held, now }: Writing): Promise<View | null> {
  const { head } = view;
  const revision = head.revision + 1;
  const { state, log, replaced } = await putPacks(table, cluster, view, call);
  const mark = randomUUID();
  const own = held === null ? {} : { until: held.until() };
  const updated = await table.updateHead(cluster, {
    set: { revision, mark, version, state: JSON.stringify(state), ...own },
    condition: `${head.revision === 0 ? "attribute_not_exists(#revision)" : "#revision = :was"} AND ${
      held === null ? free.condition : "#owner = :owner"
    }`,
    values: {
      ...(head.revision === 0 ? {} : { was: head.revision }),
      ...(held === null ? free.at(now) : { owner: held.owner }),
    },
  });
  // A request that was sent twice may have been ours.
  const after = updated ?? (await table.head(cluster));
  if (after.mark !== mark) return null;
  const strays = await table.removeAll([...view.strays, ...replaced]).catch(() => view.strays);
  return { head: after, room: view.room, log, strays };
}

/** Writes what the change is, or where that is more than a log should hold, all there is after it; a change of the progress alone needs neither. */
async function putPacks(table: Table, cluster: string, { head, room, log }: View, call: Call) {
  const id = packId(head.revision + 1);
  const before = room.progress;
  const { snapshot } = head;
  if (isQuiet(call, before)) {
    carryOut(room, call);
    return { state: stateOf(head, room), log, replaced: [] };
  }
  const most = Math.max(shortLog, (snapshot?.bytes ?? 0) * logShare) - head.log.bytes;
  const parts = head.log.count < mostLogs ? smallPack(callRows(call, before), most) : null;
  carryOut(room, call);
  if (parts !== null) {
    const entry = await writeLog(table, cluster, { id, previous: head.log.last }, parts);
    const { count, bytes } = head.log;
    const longer = { last: id, count: count + 1, bytes: bytes + entry.bytes };
    return { state: stateOf({ ...head, log: longer }, room), log: [...log, entry], replaced: [] };
  }
  const written = await writeSnapshot(table, cluster, id, room);
  const replaced = [
    ...log.flatMap((one) => keysOf(cluster, "log", one)),
    ...(snapshot === null ? [] : keysOf(cluster, "page", snapshot)),
  ];
  const none = { last: null, count: 0, bytes: 0 };
  return { state: stateOf({ snapshot: written, log: none }, room), log: [], replaced };
}

const stateOf = ({ snapshot, log }: Pick<State, "snapshot" | "log">, { progress }: Room): State => ({
  progress,
  snapshot,
  log,
});

/** Nothing but the progress, and that forward: then all that it makes forgotten is told by the last one alone. */
function isQuiet(call: Call, before: Progress | null): boolean {
  if (call.kind !== "remember") return false;
  const { progress, ...lists } = call.change;
  return Object.values(lists).every(({ length }) => length === 0) && progress.end >= (before?.end ?? progress.end);
}
