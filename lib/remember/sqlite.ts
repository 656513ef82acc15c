/** ADAPTER: one SQLite file by node:sqlite. WAL, one transaction a run, safe against other processes and `kill -9`. */
import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { setImmediate as breathe } from "node:timers/promises";
import { Memory } from "../words/memory.ts";
import { sources } from "../words/sources.ts";
import { attempt, lease, open, transaction } from "./sqlite-file.ts";
import {
  fromAnswerRow,
  fromLetterRow,
  habitShape,
  openFindingShape,
  outageRowShape,
  progressShape,
  readFailure,
  readSighting,
  readTelling,
  receiptShape,
  sightingColumns,
  tellingRowShape,
} from "./sqlite-rows.ts";
import { addRun, readRun, writeRun } from "./sqlite-runs.ts";
import { dropVerdict, readClusters, readFindings, readVerdicts, writeVerdict } from "./sqlite-verdicts.ts";
import { write, writeAndTakeBack, writeReceipts, writeUnsent } from "./sqlite-writes.ts";
import type { Store } from "./store.ts";

/**
 * Opens or creates the state file.
 * @throws ScoutError `store/unavailable`, `store/corrupt`, `store/too-new` (written by a later version)
 */
export function sqlite(path: string): Store {
  const database = attempt(path, () => open(path));
  const run = <T>(work: () => T): T => attempt(path, work);
  return {
    lease: (cluster, patience) => lease(path, cluster, patience),
    async progress(cluster) {
      const row = run(() =>
        database.prepare("SELECT ended, learning_since, judged_until FROM progress WHERE cluster = ?").get(cluster),
      );
      if (row === undefined) return null;
      const { ended, learning_since, judged_until } = progressShape.parse(row);
      return { end: ended, learningSince: learning_since, judgedUntil: judged_until };
    },
    recall: (cluster) => recall(database, run, cluster),
    async open(cluster) {
      const rows = run(() => database.prepare("SELECT finding FROM open_finding WHERE cluster = ?").all(cluster));
      return new Map(rows.map((row) => openFindingShape.parse(row).finding).map((one) => [one.id, one]));
    },
    async tellings(cluster) {
      const all = "SELECT id, telling FROM open_finding WHERE cluster = ? AND telling IS NOT NULL";
      const rows = run(() => database.prepare(all).all(cluster));
      return readable(rows.map((row) => tellingRowShape.parse(row)).map((row) => [row.id, readTelling(row.telling)]));
    },
    async habits(cluster) {
      const rows = run(() => database.prepare("SELECT key, state FROM habit WHERE cluster = ?").all(cluster));
      return new Map(rows.map((row) => habitShape.parse(row)).map((one) => [one.key, one]));
    },
    async answers(cluster) {
      const rows = run(() => database.prepare("SELECT * FROM answer WHERE cluster = ?").all(cluster));
      const answers = rows.map(fromAnswerRow).filter((one) => one !== null);
      return new Map(answers.map((one) => [one.question, one]));
    },
    remember: async (cluster, change) => run(() => transaction(database, () => write(database, cluster, change))),
    async rehearse(cluster) {
      run(() => transaction(database, () => writeAndTakeBack(database, cluster)));
    },
    async letters(cluster) {
      const rows = run(() =>
        database
          .prepare("SELECT id, channel, message, failure FROM letter WHERE cluster = ? ORDER BY number")
          .all(cluster),
      );
      return rows.map(fromLetterRow);
    },
    async told(cluster, letterId) {
      run(() => database.prepare("DELETE FROM letter WHERE cluster = ? AND id = ?").run(cluster, letterId));
    },
    clusters: async () => run(() => readClusters(database)),
    verdicts: async () => run(() => readVerdicts(database)),
    rule: async (verdict) => run(() => writeVerdict(database, verdict)),
    unrule: async (id) => run(() => dropVerdict(database, id)),
    findings: async (cluster, ids) => run(() => readFindings(database, cluster, ids)),
    async outages(cluster) {
      const rows = run(() => database.prepare("SELECT channel, failure FROM outage WHERE cluster = ?").all(cluster));
      return readable(
        rows.map((row) => outageRowShape.parse(row)).map((row) => [row.channel, readFailure(row.failure)]),
      );
    },
    async unsent(cluster, unsent) {
      run(() => transaction(database, () => writeUnsent(database, cluster, unsent)));
    },
    async receipts(cluster, channel) {
      const query = "SELECT key, receipt FROM receipt WHERE cluster = ? AND channel = ?";
      const rows = run(() => database.prepare(query).all(cluster, channel));
      return new Map(rows.map((row) => receiptShape.parse(row)).map((one) => [one.key, one.receipt]));
    },
    async keepReceipts(cluster, channel, changes, at) {
      run(() => transaction(database, () => writeReceipts(database, { cluster, channel, at }, changes)));
    },
    ...askedRuns(database, run),
    close: async () => database.close(),
  };
}

async function recall(database: DatabaseSync, run: <T>(work: () => T) => T, cluster: string): Promise<Memory> {
  const memory = new Memory();
  // What is read once from end to end is of no use in SQLite's cache, which would keep 2 MB of it.
  const cached = (kibibytes: number) => run(() => database.exec(`PRAGMA cache_size = -${kibibytes}`));
  cached(256);
  const page = run(() => database.prepare(readSightings));
  // A row as an object is a dictionary to V8, and takes twice as long to read.
  page.setReturnArrays(true);
  const sourceOf = sources();
  for (let last = "", isMore = true; isMore; ) {
    await breathe();
    const rows = run(() => page.all(cluster, last, pageSize) as unknown as SQLOutputValue[][]);
    for (const row of rows) {
      const one = readSighting(row, sourceOf);
      memory.set(one.key, one);
      last = one.key;
    }
    isMore = rows.length === pageSize;
  }
  cached(usualCache);
  return memory;
}

function askedRuns(
  database: DatabaseSync,
  run: <T>(work: () => T) => T,
): Pick<Store, "askRun" | "keepRun" | "askedRun"> {
  return {
    askRun: async (asked, since) => run(() => transaction(database, () => addRun(database, asked, since))),
    keepRun: async (asked) => run(() => writeRun(database, asked)),
    askedRun: async (id, now) => run(() => readRun(database, id, now)),
  };
}

function readable<T>(rows: readonly (readonly [key: string, value: T | null])[]): Map<string, T> {
  return new Map(rows.flatMap(([key, value]) => (value === null ? [] : [[key, value] as const])));
}

/** Sightings are read by the page: meanwhile answers come in that the run waits for, and what a page was made of is soon forgotten. */
const readSightings = `SELECT ${sightingColumns.join(", ")} FROM sighting WHERE cluster = ? AND key > ? ORDER BY key LIMIT ?`;
const pageSize = 250;
/** SQLite's own, KiB. */
const usualCache = 2000;
