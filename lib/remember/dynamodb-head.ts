/**
 * The one row of a cluster that changes: how far its runs have come, which packs hold what it remembers, and whose turn it is. Every change
 * is one conditional write of it; all else in the table is written once and never changed. Pure.
 */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import * as z from "zod";
import { ScoutError } from "../errors.ts";
import { damaged } from "./packs.ts";
import type { Progress } from "./store.ts";

/** Of what this version writes; a later one may say more. */
export const version = 1;

/** A pack of the table: its id, and how many parts and bytes it has. */
export interface PackName {
  id: string;
  parts: number;
  bytes: number;
}

/** What a cluster's state is made of: a snapshot, and what was changed since. */
export interface State {
  progress: Progress | null;
  snapshot: PackName | null;
  /** Each pack of the log names the one before. */
  log: { last: string | null; count: number; bytes: number };
}

export interface Head extends State {
  /** Counts the changes. */
  revision: number;
  /** Of the last change: tells whether a write that was sent twice was ours. */
  mark: string;
  lease: { owner: string; until: number } | null;
}

export type Attributes = Record<string, AttributeValue>;

export const noState: State = { progress: null, snapshot: null, log: { last: null, count: 0, bytes: 0 } };
export const noHead: Head = { ...noState, revision: 0, mark: "", lease: null };

const progressShape = z.object({
  end: z.number(),
  learningSince: z.number().nullable(),
  judgedUntil: z.number().nullable(),
});
const stateShape = z.object({
  progress: progressShape.nullable(),
  snapshot: z.object({ id: z.string(), parts: z.int(), bytes: z.int() }).nullable(),
  log: z.object({ last: z.string().nullable(), count: z.int(), bytes: z.int() }),
});
const text = z.object({ S: z.string() }).transform(({ S }) => S);
const number = z.object({ N: z.string() }).transform(({ N }) => Number(N));
const rowShape = z.object({
  revision: number.default(0),
  mark: text.default(""),
  state: text.optional(),
  owner: text.optional(),
  until: number.optional(),
});

/**
 * @param where as a person would name the row
 * @throws ScoutError `store/too-new`, `store/corrupt`
 */
export function toHead(where: string, row: Attributes | undefined): Head {
  if (row === undefined) return noHead;
  if (Number(row.version?.N ?? version) > version) {
    throw new ScoutError("store/too-new", `${where} was written by a later version of egress-scout`, {
      mend: "upgrade egress-scout, or give another --state",
    });
  }
  try {
    const { revision, mark, state, owner, until } = rowShape.parse(row);
    const lease = owner === undefined || until === undefined ? null : { owner, until };
    return { ...(state === undefined ? noState : stateShape.parse(JSON.parse(state))), revision, mark, lease };
  } catch (cause) {
    throw damaged(where, "it is not as a run writes it", cause);
  }
}

/** What a write of the head sets, takes away and asks for first. */
export interface HeadUpdate {
  set: Readonly<Record<string, string | number>>;
  remove?: readonly string[];
  condition: string;
  /** Values that the condition alone names, without the colon. */
  values?: Readonly<Record<string, string | number>>;
}

export const attributeOf = (one: string | number): AttributeValue =>
  typeof one === "string" ? { S: one } : { N: String(one) };

/** The parameters of UpdateItem. Names are all aliased: some are reserved words. In `condition` they stand as `#name` and `:name`. */
export function expressionsOf({ set, remove = [], condition, values = {} }: HeadUpdate) {
  const sets = Object.keys(set).map((name) => `#${name} = :${name}`);
  const removes = remove.map((name) => `#${name}`);
  const update = [
    ...(sets.length > 0 ? [`SET ${sets.join(", ")}`] : []),
    ...(removes.length > 0 ? [`REMOVE ${removes.join(", ")}`] : []),
  ].join(" ");
  const named = new Set([
    ...Object.keys(set),
    ...remove,
    ...[...condition.matchAll(/#(\w+)/g)].map(([, name = ""]) => name),
  ]);
  const all = Object.entries({ ...set, ...values });
  return {
    UpdateExpression: update,
    ConditionExpression: condition,
    ExpressionAttributeNames: Object.fromEntries([...named].map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: Object.fromEntries(all.map(([name, one]) => [`:${name}`, attributeOf(one)])),
  };
}
