/** What the check itself remembers for weeks, outside the heap that it measures: kept in a Map, it would look like a leak. */
import { DatabaseSync } from "node:sqlite";

/** Names, and a text for each. */
export interface Aside {
  get(name: string): string | null;
  set(name: string, text: string): void;
  /** How many names there are: all, or those with the text. */
  count(text?: string): number;
  close(): void;
}

export function aside(): Aside {
  const database = new DatabaseSync(":memory:");
  database.exec("CREATE TABLE aside (name TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID");
  const got = database.prepare("SELECT text FROM aside WHERE name = ?");
  const put = database.prepare("INSERT OR REPLACE INTO aside VALUES (?, ?)");
  const counted = database.prepare("SELECT count(*) AS names FROM aside WHERE coalesce(text = ?, true)");
  return {
    get(name) {
      const row = got.get(name);
      return row === undefined ? null : String(row.text);
    },
    set: (name, text) => void put.run(name, text),
    count: (text) => Number(counted.get(text ?? null)?.names),
    close: () => database.close(),
  };
}
