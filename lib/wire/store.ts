/** Config → the store, for lib/wire.ts and for those that need no more of a run than when it ends and how far the last one came. */
import { existsSync } from "node:fs";
import { openStore, type StoreSettings } from "../remember/index.ts";
import type { Store } from "../remember/store.ts";

/** Scrapes and remote writes of the last seconds are not in yet when a run asks, ms. */
export const queryDelay = 15_000;

/** The store of a call. A dry run only reads it, and where there is none yet it remembers nothing. */
export async function wireStore(state: string, dryRun: boolean, settings: StoreSettings = {}): Promise<Store> {
  const path = /^sqlite:(.*)$/s.exec(state)?.[1];
  return await openStore(dryRun && path !== undefined && !existsSync(path) ? "memory:" : state, settings);
}
