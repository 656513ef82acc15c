/** The table of stores, loaded on demand: Lambda never loads SQLite, the command never an AWS client it does not use. */
import { ScoutError } from "../errors.ts";
import type { Store } from "./store.ts";

export interface StoreOptions {
  /** How long a lease holds where nothing else would end that of a killed run, ms. */
  leaseFor?: number;
}

const stores: Record<string, (place: string, options: StoreOptions) => Promise<Store>> = {
  sqlite: async (path) => (await import("./sqlite.ts")).sqlite(path),
  memory: async () => (await import("./memory.ts")).memory(),
};

/**
 * Opens the store of a state URL: `sqlite:PATH` or `memory:`.
 * @throws ScoutError `usage` for a URL that is none, `store/…` where it cannot be opened
 */
export async function openStore(url: string, options: StoreOptions = {}): Promise<Store> {
  const [, kind = "", place = ""] = /^([a-z]+):(.*)$/s.exec(url) ?? [];
  const open = stores[kind];
  if (open === undefined || (kind === "sqlite" && place === "")) {
    const mend = "use sqlite:PATH or memory:";
    const said = kind === "dynamodb" ? "dynamodb: is not supported by this version" : `${url}: no such kind of state`;
    throw new ScoutError("usage", said, { mend });
  }
  return await open(place, options);
}
