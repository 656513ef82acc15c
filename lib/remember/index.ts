/** The table of stores, loaded on demand: Lambda never loads SQLite, the command never an AWS client it does not use. */
import { ScoutError } from "../errors.ts";
import type { Store } from "./store.ts";

/** What some stores need to know of the process that they are opened in. */
export interface StoreSettings {
  /** The real time, ms: a lease is about that, whatever time the run looks at. */
  now?: () => number;
  /** When the process ends at the latest, ms: no lease is longer. */
  endsBy?: number | null;
}

const stores: Record<string, (place: string, settings: StoreSettings) => Promise<Store>> = {
  sqlite: async (path) => (await import("./sqlite.ts")).sqlite(path),
  dynamodb: async (table, { now = Date.now, endsBy = null }) =>
    (await import("./dynamodb.ts")).dynamodb(table, { now, endsBy }),
  memory: async () => (await import("./memory.ts")).memory(),
};

/** What DynamoDB takes for a table: a name, or an ARN. */
const table = /^(arn:[a-z-]+:dynamodb:[a-z0-9-]+:\d{12}:table\/)?[\w.-]{3,255}$/;

/**
 * Opens the store of a state URL: `sqlite:PATH`, `dynamodb:TABLE` or `memory:`.
 * @throws ScoutError `usage` for a URL that is none, `store/…` where it cannot be opened
 */
export async function openStore(url: string, settings: StoreSettings = {}): Promise<Store> {
  const [, kind = "", place = ""] = /^([a-z]+):(.*)$/s.exec(url) ?? [];
  const open = Object.hasOwn(stores, kind) ? stores[kind] : undefined;
  if (open === undefined || (kind === "sqlite" && place === "")) {
    throw new ScoutError("usage", `${url}: no such kind of state`, {
      mend: "use sqlite:PATH, dynamodb:TABLE or memory:",
    });
  }
  if (kind === "dynamodb" && !table.test(place)) {
    throw new ScoutError("usage", `${url}: that is no table's name`, {
      mend: "use dynamodb:TABLE, or dynamodb: and the table's ARN",
    });
  }
  return await open(place, settings);
}
