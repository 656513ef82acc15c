/**
 * A cluster's packs in the table: a snapshot of its room, and a log of what was changed since, each written under a name of its own and never
 * changed. Only what the head names counts; what it does not name was left by a run that was killed, or replaced, and is garbage.
 */
import { randomBytes } from "node:crypto";
import type { Attributes, Head, PackName, State } from "./dynamodb-head.ts";
import type { Key, Table } from "./dynamodb-table.ts";
import { damaged, type PackRow, pack, unpacker } from "./packs.ts";
import { emptyRoom, forgetAnswers, type Room } from "./room.ts";
import { furnish, replay, roomRows } from "./room-rows.ts";

/** A cluster's state as it was read, or as it is after our own writes. */
export interface View {
  head: Head;
  room: Room;
  /** Packs of the log, oldest first. */
  log: PackName[];
  /** Rows that the head does not name. */
  strays: Key[];
}

type Kind = "log" | "page";

const partition = (cluster: string) => `packs#${cluster}`;
const keyOf = (cluster: string, kind: Kind, id: string, part: number): Key => ({
  pk: partition(cluster),
  sk: `${kind}#${id}#${String(part).padStart(4, "0")}`,
});
/** In order of their revision; two writers never write under one name. */
export const packId = (revision: number) => `${String(revision).padStart(10, "0")}-${randomBytes(6).toString("hex")}`;

export function keysOf(cluster: string, kind: Kind, { id, parts }: PackName): Key[] {
  return Array.from({ length: parts }, (_, part) => keyOf(cluster, kind, id, part));
}

export async function writeSnapshot(table: Table, cluster: string, id: string, room: Room): Promise<PackName> {
  const name = { id, parts: 0, bytes: 0 };
  for (const data of pack(roomRows(room))) {
    await table.put(keyOf(cluster, "page", id, name.parts), { data: { B: data } });
    name.parts += 1;
    name.bytes += data.length;
  }
  return name;
}

/** The parts of a pack of at most so many bytes; null where it is longer. */
export function smallPack(rows: Iterable<PackRow>, most: number): Buffer[] | null {
  const parts: Buffer[] = [];
  let bytes = 0;
  for (const part of pack(rows)) {
    bytes += part.length;
    if (bytes > most) return null;
    parts.push(part);
  }
  return parts;
}

export async function writeLog(
  table: Table,
  cluster: string,
  { id, previous }: { id: string; previous: string | null },
  parts: readonly Buffer[],
): Promise<PackName> {
  const link: Attributes = {
    parts: { N: String(parts.length) },
    ...(previous === null ? {} : { previous: { S: previous } }),
  };
  for (const [part, data] of parts.entries()) {
    await table.put(keyOf(cluster, "log", id, part), { data: { B: data }, ...link });
  }
  return { id, parts: parts.length, bytes: parts.reduce((sum, { length }) => sum + length, 0) };
}

/** A pack of the log as its parts were read so far. */
interface Logged {
  previous: string | null;
  of: number;
  parts: Uint8Array[];
  keys: Key[];
}

/**
 * What the head names, by one Query over the partition; the snapshot is read as it comes. Null where a part of it is not there: it was
 * replaced meanwhile, is not everywhere yet, or is lost.
 * @throws ScoutError `store/corrupt`
 */
export async function readView(table: Table, cluster: string, head: Head, isConsistent: boolean): Promise<View | null> {
  const what = `the state of ${JSON.stringify(cluster)} in the table ${table.name}`;
  const { snapshot, log } = head;
  const room = emptyRoom();
  const strays: Key[] = [];
  const logged = new Map<string, Logged>();
  const page = unpacker(what);
  let pages = 0;
  if (snapshot === null && log.last === null)
    return { head, room: { ...room, progress: head.progress }, log: [], strays };
  for await (const rows of table.partition(partition(cluster), isConsistent)) {
    for (const row of rows) {
      const [sk = "", kind, id = "", part] = /^(log|page)#(.+)#(\d{4,})$/.exec(row.sk?.S ?? "") ?? [];
      const data = row.data?.B;
      if (kind === "log" && data !== undefined) note(logged, id, row, { key: { pk: partition(cluster), sk }, data });
      else if (kind === "page" && id === snapshot?.id && Number(part) === pages && data !== undefined) {
        for (const one of page.push(data)) furnish(room, one);
        pages += 1;
      } else if (kind === "page" && id !== snapshot?.id) strays.push({ pk: partition(cluster), sk });
    }
  }
  if (pages !== (snapshot?.parts ?? 0)) return null;
  page.end();
  const chain = chainOf(what, logged, log);
  if (chain === null) return null;
  for (const { parts } of chain) replay(room, rowsOf(what, parts));
  if (head.progress !== null) forgetAnswers(room, head.progress.end);
  room.progress = head.progress;
  const named = new Set(chain.map(({ id }) => id));
  for (const [id, { keys }] of logged) if (!named.has(id)) strays.push(...keys);
  return { head, room, log: chain.map(({ id, parts }) => ({ id, parts: parts.length, bytes: 0 })), strays };
}

function note(
  logged: Map<string, Logged>,
  id: string,
  row: Attributes,
  { key, data }: { key: Key; data: Uint8Array },
): void {
  const one = logged.get(id) ?? { previous: row.previous?.S ?? null, of: Number(row.parts?.N), parts: [], keys: [] };
  one.parts.push(data);
  one.keys.push(key);
  logged.set(id, one);
}

/** The packs from the oldest to the one that the head names; null where one is not whole. */
function chainOf(what: string, logged: ReadonlyMap<string, Logged>, { last, count }: State["log"]) {
  const chain: { id: string; parts: Uint8Array[] }[] = [];
  for (let id = last; id !== null; ) {
    const one = logged.get(id);
    if (one === undefined || one.parts.length !== one.of) return null;
    if (chain.length === count) throw damaged(what, "its log is longer than it says");
    chain.push({ id, parts: one.parts });
    id = one.previous;
  }
  if (chain.length !== count) throw damaged(what, "its log is shorter than it says");
  return chain.reverse();
}

function* rowsOf(what: string, parts: readonly Uint8Array[]): Generator<PackRow> {
  const { push, end } = unpacker(what);
  for (const part of parts) yield* push(part);
  end();
}
