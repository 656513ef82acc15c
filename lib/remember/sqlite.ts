/** ADAPTER: one SQLite file by node:sqlite. WAL, one transaction a run, safe against other processes and `kill -9`. */
import { createHash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as breathe, setTimeout as wait } from "node:timers/promises";
import { ScoutError } from "../errors.ts";
import type { Sighting } from "../model.ts";
import { busy, isBusy, storeError } from "./sqlite-error.ts";
import {
  fromAnswerRow,
  fromLetterRow,
  fromRow,
  habitShape,
  openFindingShape,
  outageRowShape,
  progressShape,
  readFailure,
  readTelling,
  receiptShape,
  sightingShape,
  tellingRowShape,
  texts,
  toAnswerRow,
  toRow,
} from "./sqlite-rows.ts";
import { addRun, readRun, writeRun } from "./sqlite-runs.ts";
import { steps } from "./sqlite-schema.ts";
import {
  dropVerdict,
  readClusters,
  readFindings,
  readVerdicts,
  writeFindings,
  writeVerdict,
} from "./sqlite-verdicts.ts";
import { answersKept, type Change, type Lease, receiptsKept, type Store, type Unsent } from "./store.ts";

/** How long a statement waits for another process' transaction, ms. */
const busyTimeout = 10_000;

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

async function recall(
  database: DatabaseSync,
  run: <T>(work: () => T) => T,
  cluster: string,
): Promise<Map<string, Sighting>> {
  const memory = new Map<string, Sighting>();
  const page = run(() => database.prepare(readSightings));
  const text = texts();
  for (let last = "", isMore = true; isMore; ) {
    await breathe();
    const rows = run(() => page.all(cluster, last, pageSize));
    for (const row of rows) {
      const one = fromRow(sightingShape.parse(row), text);
      memory.set(one.key, one);
      last = one.key;
    }
    isMore = rows.length === pageSize;
  }
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

function open(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: busyTimeout });
  try {
    refuseOthers(database, path);
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    transaction(database, () => migrate(database));
    return database;
  } catch (thrown) {
    database.close();
    throw thrown;
  }
}

const versionOf = (database: DatabaseSync) => Number(database.prepare("PRAGMA user_version").get()?.user_version);

/** Looked at before anything is written: a new file is empty, and another program's is not ours to change. */
function refuseOthers(database: DatabaseSync, path: string): void {
  const version = versionOf(database);
  if (version > steps.length) {
    throw new ScoutError("store/too-new", `the state file ${path} was written by a later version of egress-scout`, {
      mend: "upgrade egress-scout, or give another --state",
    });
  }
  if (version > 0 || database.prepare("SELECT name FROM sqlite_schema LIMIT 1").get() === undefined) return;
  throw new ScoutError("store/corrupt", `${path} is another program's database, and no state file`, {
    mend: "give another --state",
  });
}

function migrate(database: DatabaseSync): void {
  const version = versionOf(database);
  for (const step of steps.slice(version)) database.exec(step);
  if (version < steps.length) database.exec(`PRAGMA user_version = ${steps.length}`);
}

function transaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (thrown) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw thrown;
  }
}

const sightingColumns = Object.keys(sightingShape.shape);
const writeSighting = `INSERT OR REPLACE INTO sighting (cluster, ${sightingColumns.join(", ")})
  VALUES (:cluster, ${sightingColumns.map((name) => `:${name}`).join(", ")})`;
/** Sightings are read by the page: meanwhile answers come in that the run waits for. */
const readSightings = `SELECT ${sightingColumns.join(", ")} FROM sighting WHERE cluster = ? AND key > ? ORDER BY key LIMIT ?`;
const pageSize = 1000;

function write(database: DatabaseSync, cluster: string, change: Change): void {
  const sighting = database.prepare(writeSighting);
  for (const one of change.sightings) sighting.run({ cluster, ...toRow(one) });
  writeLetters(database, cluster, change.letters);
  // What was told of it stays: the row is not replaced.
  const opened = database.prepare(
    `INSERT INTO open_finding (cluster, id, finding) VALUES (?, ?, ?)
       ON CONFLICT (cluster, id) DO UPDATE SET finding = excluded.finding`,
  );
  for (const one of change.opened) opened.run(cluster, one.id, JSON.stringify(one));
  const telling = database.prepare("UPDATE open_finding SET telling = ? WHERE cluster = ? AND id = ?");
  for (const [id, one] of change.tellings) telling.run(JSON.stringify(one), cluster, id);
  const closed = database.prepare("DELETE FROM open_finding WHERE cluster = ? AND id = ?");
  for (const id of change.closed) closed.run(cluster, id);
  const habit = database.prepare("INSERT OR REPLACE INTO habit (cluster, key, state) VALUES (?, ?, ?)");
  for (const one of change.habits) habit.run(cluster, one.key, one.state);
  writeAnswers(database, cluster, change);
  writeFindings(database, cluster, change);
  const { end, learningSince, judgedUntil } = change.progress;
  database
    .prepare("INSERT OR REPLACE INTO progress (cluster, ended, learning_since, judged_until) VALUES (?, ?, ?, ?)")
    .run(cluster, end, learningSince, judgedUntil);
}

function writeLetters(database: DatabaseSync, cluster: string, letters: Change["letters"]): void {
  const letter = database.prepare("INSERT OR IGNORE INTO letter (cluster, id, channel, message) VALUES (?, ?, ?, ?)");
  for (const one of letters) letter.run(cluster, one.id, one.channel, JSON.stringify(one.message));
}

function writeUnsent(database: DatabaseSync, cluster: string, { failures, outages, letters }: Unsent): void {
  const failed = database.prepare("UPDATE letter SET failure = ? WHERE cluster = ? AND id = ?");
  for (const [id, one] of failures) failed.run(JSON.stringify(one), cluster, id);
  const ended = database.prepare("DELETE FROM outage WHERE cluster = ? AND channel = ?");
  const begun = database.prepare("INSERT OR REPLACE INTO outage (cluster, channel, failure) VALUES (?, ?, ?)");
  for (const [channel, one] of outages) {
    if (one === null) ended.run(cluster, channel);
    else begun.run(cluster, channel, JSON.stringify(one));
  }
  writeLetters(database, cluster, letters);
}

/** Written and taken back in one step, which is committed: the disk has to take it, and nobody ever sees it. */
function writeAndTakeBack(database: DatabaseSync, cluster: string): void {
  const id = "egress-scout/rehearsal";
  database
    .prepare("INSERT OR REPLACE INTO letter (cluster, id, channel, message) VALUES (?, ?, '', '{}')")
    .run(cluster, id);
  database.prepare("DELETE FROM letter WHERE cluster = ? AND id = ?").run(cluster, id);
}

function writeReceipts(
  database: DatabaseSync,
  { cluster, channel, at }: { cluster: string; channel: string; at: number },
  changes: ReadonlyMap<string, string | null>,
): void {
  const open = "SELECT id FROM open_finding WHERE cluster = ?";
  database
    .prepare(`DELETE FROM receipt WHERE cluster = ? AND channel = ? AND at < ? AND key NOT IN (${open})`)
    .run(cluster, channel, at - receiptsKept, cluster);
  const drop = database.prepare("DELETE FROM receipt WHERE cluster = ? AND channel = ? AND key = ?");
  const keep = database.prepare(
    "INSERT OR REPLACE INTO receipt (cluster, channel, key, receipt, at) VALUES (?, ?, ?, ?, ?)",
  );
  for (const [key, receipt] of changes) {
    if (receipt === null) drop.run(cluster, channel, key);
    else keep.run(cluster, channel, key, receipt, at);
  }
}

function writeAnswers(database: DatabaseSync, cluster: string, { answers, progress }: Change): void {
  const answer = database.prepare(
    "INSERT OR REPLACE INTO answer (cluster, question, found, at, until, seen) VALUES (:cluster, :question, :found, :at, :until, :seen)",
  );
  for (const one of answers) answer.run({ cluster, ...toAnswerRow(one) });
  database.prepare("DELETE FROM answer WHERE cluster = ? AND until < ?").run(cluster, progress.end - answersKept.after);
  if (answers.length === 0) return;
  const old = "SELECT question FROM answer WHERE cluster = ? ORDER BY at DESC, question LIMIT -1 OFFSET ?";
  database
    .prepare(`DELETE FROM answer WHERE cluster = ? AND question IN (${old})`)
    .run(cluster, cluster, answersKept.most);
}

/**
 * The lease is an exclusive lock on a file of its own beside the state file: the operating system drops it with the process, and
 * other writers of the state file (a verdict, say) need not wait for the run.
 */
async function lease(path: string, cluster: string, patience: number): Promise<Lease> {
  if (path === ":memory:") return { release: async () => {} };
  const name = createHash("sha256").update(cluster).digest("hex").slice(0, 8);
  const lock = attempt(path, () => new DatabaseSync(`${path}-lock-${name}`, { timeout: 0 }));
  const step = 50;
  for (let waited = 0; ; waited += step) {
    try {
      lock.exec("BEGIN EXCLUSIVE");
      return { release: async () => lock.close() };
    } catch (thrown) {
      if (!isBusy(thrown) || waited >= patience) {
        lock.close();
        throw isBusy(thrown) ? busy(path, thrown) : storeError(path, thrown);
      }
      await wait(step);
    }
  }
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw storeError(path, thrown);
  }
}
