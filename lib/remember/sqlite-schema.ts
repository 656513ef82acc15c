/** The state file's tables, by version: a step for each, run in order, never changed once released. Pure. */

/** `PRAGMA user_version` counts the steps done. */
export const steps: readonly string[] = [
  `CREATE TABLE progress (
     cluster TEXT PRIMARY KEY,
     ended INTEGER NOT NULL,
     learning_since INTEGER
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE sighting (
     cluster TEXT NOT NULL,
     key TEXT NOT NULL,
     source_cluster TEXT NOT NULL,
     namespace TEXT NOT NULL,
     workload TEXT NOT NULL,
     verdict TEXT NOT NULL,
     protocol TEXT NOT NULL,
     host TEXT,
     address TEXT,
     port INTEGER,
     sni TEXT,
     claim TEXT,
     first_seen INTEGER NOT NULL,
     last_seen INTEGER NOT NULL,
     count INTEGER NOT NULL,
     total REAL NOT NULL,
     PRIMARY KEY (cluster, key)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE letter (
     number INTEGER PRIMARY KEY,
     cluster TEXT NOT NULL,
     id TEXT NOT NULL,
     channel TEXT NOT NULL,
     message TEXT NOT NULL,
     UNIQUE (cluster, id)
   ) STRICT;`,
  `ALTER TABLE progress ADD COLUMN judged_until INTEGER;
   CREATE TABLE open_finding (
     cluster TEXT NOT NULL,
     id TEXT NOT NULL,
     finding TEXT NOT NULL,
     PRIMARY KEY (cluster, id)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE habit (
     cluster TEXT NOT NULL,
     key TEXT NOT NULL,
     state BLOB NOT NULL,
     PRIMARY KEY (cluster, key)
   ) STRICT, WITHOUT ROWID;`,
  `ALTER TABLE sighting ADD COLUMN name TEXT;
   ALTER TABLE sighting ADD COLUMN named_at INTEGER;
   CREATE TABLE answer (
     cluster TEXT NOT NULL,
     question TEXT NOT NULL,
     found TEXT NOT NULL,
     at INTEGER NOT NULL,
     until INTEGER NOT NULL,
     seen TEXT NOT NULL,
     PRIMARY KEY (cluster, question)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX answer_until ON answer (cluster, until);`,
  `ALTER TABLE open_finding ADD COLUMN telling TEXT;
   ALTER TABLE letter ADD COLUMN failure TEXT;
   CREATE TABLE outage (
     cluster TEXT NOT NULL,
     channel TEXT NOT NULL,
     failure TEXT NOT NULL,
     PRIMARY KEY (cluster, channel)
   ) STRICT, WITHOUT ROWID;`,
  `CREATE TABLE receipt (
     cluster TEXT NOT NULL,
     channel TEXT NOT NULL,
     key TEXT NOT NULL,
     receipt TEXT NOT NULL,
     at INTEGER NOT NULL,
     PRIMARY KEY (cluster, channel, key)
   ) STRICT, WITHOUT ROWID;`,
  `CREATE TABLE verdict (
     id TEXT PRIMARY KEY,
     verdict TEXT NOT NULL,
     until INTEGER,
     reason TEXT,
     by TEXT,
     at INTEGER
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE told_finding (
     cluster TEXT NOT NULL,
     id TEXT NOT NULL,
     key TEXT NOT NULL,
     kind TEXT NOT NULL,
     source TEXT NOT NULL,
     destination TEXT NOT NULL,
     team TEXT NOT NULL,
     at INTEGER NOT NULL,
     PRIMARY KEY (cluster, id)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX told_finding_at ON told_finding (cluster, at);`,
  `ALTER TABLE verdict ADD COLUMN cluster TEXT;
   UPDATE verdict SET cluster = (SELECT min(cluster) FROM told_finding WHERE told_finding.id = verdict.id);`,
  `CREATE TABLE asked_run (
     id TEXT PRIMARY KEY,
     cluster TEXT NOT NULL,
     state TEXT NOT NULL,
     by TEXT NOT NULL,
     at INTEGER NOT NULL,
     changed INTEGER NOT NULL,
     document TEXT,
     fault TEXT
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX asked_run_at ON asked_run (at);`,
];
