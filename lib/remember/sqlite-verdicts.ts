/** ADAPTER: what persons decided and what they were told of, in the state file. */
import type { DatabaseSync } from "node:sqlite";
import * as z from "zod";
import { type Destination, findingKinds, rulings, type Source, type ToldFinding, type Verdict } from "../model.ts";
import { type Change, mostFindings } from "./store.ts";

const verdictShape = z
  .object({
    id: z.string(),
    verdict: z.enum(rulings),
    until: z.number().nullable(),
    reason: z.string().nullable(),
    by: z.string().nullable(),
    at: z.number().nullable(),
    cluster: z.string().nullable(),
  })
  .transform(({ cluster, ...rest }): Verdict => (cluster === null ? rest : { ...rest, cluster }));

/** Written by ourselves; the JSON in it is only taken to be such. */
const findingShape = z.object({
  id: z.string(),
  key: z.string(),
  kind: z.enum(findingKinds),
  source: z.string().transform((text): Source => JSON.parse(text)),
  destination: z.string().transform((text): Destination => JSON.parse(text)),
  team: z.string(),
  at: z.number(),
});

export function readClusters(database: DatabaseSync): string[] {
  const rows = database.prepare("SELECT cluster FROM progress ORDER BY cluster").all();
  return rows.map((row) => String(row.cluster));
}

export function readVerdicts(database: DatabaseSync): Map<string, Verdict> {
  const rows = database.prepare("SELECT * FROM verdict ORDER BY id").all();
  return new Map(rows.map((row) => verdictShape.parse(row)).map((one) => [one.id, one]));
}

export function writeVerdict(database: DatabaseSync, { id, verdict, until, reason, by, at, cluster }: Verdict): void {
  database
    .prepare(
      "INSERT OR REPLACE INTO verdict (id, verdict, until, reason, by, at, cluster) VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .run(id, verdict, until, reason, by, at, cluster ?? null);
}

export function dropVerdict(database: DatabaseSync, id: string): boolean {
  return Number(database.prepare("DELETE FROM verdict WHERE id = ?").run(id).changes) > 0;
}

export function readFindings(
  database: DatabaseSync,
  cluster: string,
  ids: ReadonlySet<string> | undefined,
): Map<string, ToldFinding> {
  const all = "SELECT * FROM told_finding WHERE cluster = ?";
  const byId = database.prepare(`${all} AND id = ?`);
  const rows = ids === undefined ? database.prepare(all).all(cluster) : [...ids].map((id) => byId.get(cluster, id));
  const found = rows.filter((row) => row !== undefined).map((row) => findingShape.parse(row));
  return new Map(found.map((one) => [one.id, one]));
}

/** The first time stays; what is older than the newest is dropped, unless somebody decided about it. */
export function writeFindings(database: DatabaseSync, cluster: string, { findings }: Change): void {
  if (findings.length === 0) return;
  const told = database.prepare(
    "INSERT OR IGNORE INTO told_finding (cluster, id, key, kind, source, destination, team, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
  );
  for (const { id, key, kind, source, destination, team, at } of findings) {
    told.run(cluster, id, key, kind, JSON.stringify(source), JSON.stringify(destination), team, at);
  }
  const old = "SELECT id FROM told_finding WHERE cluster = ? ORDER BY at DESC, id LIMIT -1 OFFSET ?";
  database
    .prepare(`DELETE FROM told_finding WHERE cluster = ? AND id IN (${old}) AND id NOT IN (SELECT id FROM verdict)`)
    .run(cluster, cluster, mostFindings);
}
