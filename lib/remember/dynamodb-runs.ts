/**
 * Runs that somebody asked for, in the table: a row for each, the scan's document in parts beside it, and for each cluster a row that says
 * whether one of them waits or goes on. The table's TTL takes them away.
 */
import * as z from "zod";
import type { AskedRun } from "../model.ts";
import type { Attributes } from "./dynamodb-head.ts";
import type { Key, Table } from "./dynamodb-table.ts";
import { damaged, pack, unpacker } from "./packs.ts";
import { runsKept } from "./store.ts";

const runKey = (id: string): Key => ({ pk: "runs", sk: id });
const turnKey = (cluster: string): Key => ({ pk: "turns", sk: cluster });
const documentOf = (id: string) => `run#${id}`;

const day = 24 * 60 * 60_000;
const ttlOf = ({ at }: AskedRun): Attributes => ({
  ttl: { N: String(Math.floor((at + runsKept.after + day) / 1000)) },
});

const runShape = z.object({
  id: z.string(),
  cluster: z.string(),
  state: z.enum(["queued", "running", "done", "failed"]),
  by: z.string(),
  at: z.number(),
  changed: z.number(),
  fault: z.object({ code: z.string(), message: z.string() }).nullable(),
});

const isOver = ({ state }: AskedRun) => state === "done" || state === "failed";

const turnOf = (run: AskedRun): Attributes => ({
  ...{ run: { S: run.id }, at: { N: String(run.at) }, over: { N: isOver(run) ? "1" : "0" } },
  ...ttlOf(run),
});

/** One conditional write decides whose turn it is; one that was sent twice meets its own. @returns false where it is another's */
export async function askRun(table: Table, run: AskedRun, since: number): Promise<boolean> {
  const free = "attribute_not_exists(pk) OR #over = :yes OR #at <= :since OR #run = :id";
  if (!(await table.putIf(turnKey(run.cluster), turnOf(run), free, { yes: 1, since, id: run.id }))) return false;
  await write(table, run);
  return true;
}

export async function keepRun(table: Table, run: AskedRun): Promise<void> {
  await write(table, run);
  if (isOver(run)) await table.putIf(turnKey(run.cluster), turnOf(run), "#run = :id", { id: run.id });
}

/** The document first: whoever sees that a run is done can read it. */
async function write(table: Table, run: AskedRun): Promise<void> {
  const { document, ...rest } = run;
  let parts = 0;
  for (const data of document === null ? [] : pack([["document", document]])) {
    await table.put(
      { pk: documentOf(run.id), sk: String(parts).padStart(4, "0") },
      { data: { B: data }, ...ttlOf(run) },
    );
    parts += 1;
  }
  await table.put(runKey(run.id), { run: { S: JSON.stringify(rest) }, parts: { N: String(parts) }, ...ttlOf(run) });
}

export async function askedRun(table: Table, id: string, now: number): Promise<AskedRun | null> {
  const row = await table.get(runKey(id));
  if (row?.run?.S === undefined) return null;
  const what = `the row runs/${id} of the table ${table.name}`;
  const run = readRun(what, row.run.S);
  if (run.at < now - runsKept.after) return null;
  const parts = Number(row.parts?.N ?? 0);
  return { ...run, document: parts === 0 ? null : await readDocument(table, id, what, parts) };
}

function readRun(what: string, text: string) {
  try {
    return runShape.parse(JSON.parse(text));
  } catch (cause) {
    throw damaged(what, "it is no run", cause);
  }
}

async function readDocument(table: Table, id: string, what: string, parts: number): Promise<string> {
  const { push, end } = unpacker(what);
  let read = 0;
  let document: string | undefined;
  for await (const rows of table.partition(documentOf(id), true)) {
    for (const { data } of rows.slice(0, parts - read)) {
      for (const [, value] of push(data?.B ?? new Uint8Array())) document = String(value);
      read += 1;
    }
  }
  end();
  if (document === undefined || read !== parts) throw damaged(what, "a part of its document is missing");
  return document;
}
