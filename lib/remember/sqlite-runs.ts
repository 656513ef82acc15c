/** ADAPTER: runs that somebody asked for, in the state file. */
import type { DatabaseSync } from "node:sqlite";
import * as z from "zod";
import type { AskedRun } from "../model.ts";
import { runsKept } from "./store.ts";

const faultShape = z.object({ code: z.string(), message: z.string() });
const runShape = z.object({
  id: z.string(),
  cluster: z.string(),
  state: z.enum(["queued", "running", "done", "failed"]),
  by: z.string(),
  at: z.number(),
  changed: z.number(),
  document: z.string().nullable(),
  fault: z
    .string()
    .nullable()
    .transform((text): AskedRun["fault"] => (text === null ? null : faultShape.parse(JSON.parse(text)))),
});

/** Within a transaction. @returns false where one of its cluster that was asked for after `since` waits or goes on still */
export function addRun(database: DatabaseSync, run: AskedRun, since: number): boolean {
  const busy = "SELECT 1 FROM asked_run WHERE cluster = ? AND at > ? AND state IN ('queued', 'running')";
  if (database.prepare(busy).get(run.cluster, since) !== undefined) return false;
  writeRun(database, run);
  const newest = "SELECT id FROM asked_run ORDER BY at DESC, id LIMIT ?";
  database
    .prepare(`DELETE FROM asked_run WHERE at < ? OR id NOT IN (${newest})`)
    .run(run.at - runsKept.after, runsKept.most);
  return true;
}

export function writeRun(database: DatabaseSync, { fault, ...run }: AskedRun): void {
  database
    .prepare(
      `INSERT OR REPLACE INTO asked_run (id, cluster, state, by, at, changed, document, fault)
         VALUES (:id, :cluster, :state, :by, :at, :changed, :document, :fault)`,
    )
    .run({ ...run, fault: fault === null ? null : JSON.stringify(fault) });
}

export function readRun(database: DatabaseSync, id: string, now: number): AskedRun | null {
  const row = database.prepare("SELECT * FROM asked_run WHERE id = ? AND at >= ?").get(id, now - runsKept.after);
  return row === undefined ? null : runShape.parse(row);
}
