/** ADAPTER: the state file itself: opened, brought up to date, locked, and written as a whole or not at all. */
import { createHash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as wait } from "node:timers/promises";
import { ScoutError } from "../errors.ts";
import { busy, isBusy, storeError } from "./sqlite-error.ts";
import { steps } from "./sqlite-schema.ts";
import type { Lease } from "./store.ts";

/** How long a statement waits for another process' transaction, ms. */
const busyTimeout = 10_000;

/** @throws what node:sqlite throws; ScoutError `store/corrupt`, `store/too-new` */
export function open(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: busyTimeout });
  try {
    refuseOthers(database, path);
    writeAhead(database);
    database.exec("PRAGMA synchronous = FULL");
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
  // Both at one time: another process may be creating the file between the one look and the other.
  database.exec("BEGIN");
  const version = versionOf(database);
  const isEmpty = database.prepare("SELECT name FROM sqlite_schema LIMIT 1").get() === undefined;
  database.exec("COMMIT");
  if (version > steps.length) {
    throw new ScoutError("store/too-new", `the state file ${path} was written by a later version of egress-scout`, {
      mend: "upgrade egress-scout, or give another --state",
    });
  }
  if (version > 0 || isEmpty) return;
  throw new ScoutError("store/corrupt", `${path} is another program's database, and no state file`, {
    mend: "give another --state",
  });
}

/** The one statement that SQLite does not wait at: its lock is shared by then, and two that waited would wait for each other. */
function writeAhead(database: DatabaseSync): void {
  const pause = 5;
  for (let waited = 0; ; waited += pause) {
    try {
      database.exec("PRAGMA journal_mode = WAL");
      return;
    } catch (thrown) {
      if (!isBusy(thrown) || waited >= busyTimeout) throw thrown;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
    }
  }
}

function migrate(database: DatabaseSync): void {
  const version = versionOf(database);
  for (const step of steps.slice(version)) database.exec(step);
  if (version < steps.length) database.exec(`PRAGMA user_version = ${steps.length}`);
}

/** All of `work`, or nothing of it. */
export function transaction<T>(database: DatabaseSync, work: () => T): T {
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

/**
 * The lease is an exclusive lock on a file of its own beside the state file: the operating system drops it with the process, and
 * other writers of the state file (a verdict, say) need not wait for the run.
 */
export async function lease(path: string, cluster: string, patience: number): Promise<Lease> {
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

/** @throws ScoutError `store/…` for what node:sqlite throws */
export function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw storeError(path, thrown);
  }
}
