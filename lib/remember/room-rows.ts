/**
 * A room, and a change of it, as rows of a pack, and back. Pure. What is in a row was written by ourselves, as JSON, under a check sum:
 * only its kind is looked at.
 */
import type { Answer, Failure, Finding, Letter, Sighting, Telling, ToldFinding } from "../model.ts";
import type { PackRow } from "./packs.ts";
import { forgetAnswers, type Kept, noteChange, noteReceipts, noteUnsent, type Room } from "./room.ts";
import type { Change, Progress, Unsent } from "./store.ts";

/** One changing call of the store. */
export type Call =
  /** `ruled`: findings that somebody had decided about when it was made, as far as that mattered. */
  | { kind: "remember"; change: Change; ruled: readonly string[] }
  | { kind: "told"; letterId: string }
  | { kind: "unsent"; unsent: Unsent }
  | {
      kind: "receipts";
      channel: string;
      changes: readonly (readonly [key: string, receipt: string | null])[];
      at: number;
    };

export function carryOut(room: Room, call: Call): void {
  if (call.kind === "remember") {
    const ruled = new Set(call.ruled);
    noteChange(room, call.change, (id) => ruled.has(id));
  } else if (call.kind === "told") room.letters.delete(call.letterId);
  else if (call.kind === "unsent") noteUnsent(room, call.unsent);
  else noteReceipts(room, call.channel, call.changes, call.at);
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");

/** The whole room; all but its progress. */
export function* roomRows(room: Room): Generator<PackRow> {
  for (const one of room.sightings.values()) yield ["sighting", one];
  for (const one of room.letters.values()) yield ["letter", one];
  for (const one of room.open.values()) yield ["open", one];
  for (const one of room.tellings) yield ["telling", one];
  for (const one of room.outages) yield ["outage", one];
  for (const { key, state } of room.habits.values()) yield ["habit", [key, base64(state)]];
  for (const one of room.answers.values()) yield ["answer", one];
  for (const one of room.findings.values()) yield ["finding", one];
  for (const [channel, own] of room.receipts) for (const [key, one] of own) yield ["receipt", [channel, key, one]];
}

/** Puts a row of `roomRows` in its place; one of another kind is of nobody we know. */
export function furnish(room: Room, [kind, value]: PackRow): void {
  const put = pieces[kind];
  if (put !== undefined) put(room, value as never);
}

const pieces: Record<string, (room: Room, value: never) => void> = {
  sighting: (room, one: Sighting) => room.sightings.set(one.key, one),
  letter: (room, one: Letter) => room.letters.set(one.id, one),
  open: (room, one: Finding) => room.open.set(one.id, one),
  telling: (room, [id, one]: [string, Telling]) => room.tellings.set(id, one),
  outage: (room, [channel, one]: [string, Failure]) => room.outages.set(channel, one),
  habit: (room, [key, state]: [string, string]) => room.habits.set(key, { key, state: Buffer.from(state, "base64") }),
  answer: (room, one: Answer) => room.answers.set(one.question, one),
  finding: (room, one: ToldFinding) => room.findings.set(one.id, one),
  receipt(room, [channel, key, one]: [string, string, Kept]) {
    const own = room.receipts.get(channel) ?? new Map<string, Kept>();
    room.receipts.set(channel, own.set(key, one));
  },
};

/** A call, and the progress it came upon: runs in which nothing was new left no more than that. */
export function* callRows(call: Call, before: Progress | null): Generator<PackRow> {
  yield ["before", before];
  if (call.kind !== "remember") {
    yield ["call", call];
    return;
  }
  const { progress, habits, ...lists } = call.change;
  for (const [name, list] of Object.entries(lists)) for (const one of list) yield [name, one];
  for (const { key, state } of habits) yield ["habits", [key, base64(state)]];
  yield ["ruled", call.ruled];
  yield ["progress", progress];
}

/** Carries out again what `callRows` wrote. */
export function replay(room: Room, rows: Iterable<PackRow>): void {
  const lists: Record<string, unknown[]> = {};
  for (const [kind, value] of rows) {
    const list = lists[kind] ?? [];
    lists[kind] = list;
    list.push(kind === "habits" ? toHabit(value as [string, string]) : value);
  }
  const before = lists.before?.[0] as Progress | null | undefined;
  if (before) forgetAnswers(room, before.end);
  for (const one of lists.call ?? []) carryOut(room, one as Call);
  const progress = lists.progress?.[0] as Progress | undefined;
  if (progress === undefined) return;
  const none = {
    sightings: [],
    letters: [],
    opened: [],
    closed: [],
    tellings: [],
    habits: [],
    answers: [],
    findings: [],
  };
  const change = { ...none, ...lists, progress } as Change;
  carryOut(room, { kind: "remember", change, ruled: (lists.ruled?.[0] ?? []) as string[] });
}

const toHabit = ([key, state]: [string, string]) => ({ key, state: Buffer.from(state, "base64") });
