/** ADAPTER: what a run changes in the state file. Each within a transaction of who calls. */
import type { DatabaseSync } from "node:sqlite";
import { sightingColumns, toAnswerRow, toRow } from "./sqlite-rows.ts";
import { writeFindings } from "./sqlite-verdicts.ts";
import { answersKept, type Change, receiptsKept, type Unsent } from "./store.ts";

const writeSighting = `INSERT OR REPLACE INTO sighting (cluster, ${sightingColumns.join(", ")})
  VALUES (:cluster, ${sightingColumns.map((name) => `:${name}`).join(", ")})`;

export function write(database: DatabaseSync, cluster: string, change: Change): void {
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

export function writeUnsent(database: DatabaseSync, cluster: string, { failures, outages, letters }: Unsent): void {
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
export function writeAndTakeBack(database: DatabaseSync, cluster: string): void {
  const id = "egress-scout/rehearsal";
  database
    .prepare("INSERT OR REPLACE INTO letter (cluster, id, channel, message) VALUES (?, ?, '', '{}')")
    .run(cluster, id);
  database.prepare("DELETE FROM letter WHERE cluster = ? AND id = ?").run(cluster, id);
}

export function writeReceipts(
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
