/** Logs that a run could not read: from when on the next one reads them again, since what is only in them would be missed for good. No I/O of its own. */
import type { Change, Store } from "../remember/store.ts";

/** Where that is kept, in the place of a channel's name: none begins with a parenthesis. */
export const unreadLogs = "(logs)";

/** Nobody goes back further than that, ms: what was not read for a day is said to be unread, and that is all. */
const longest = 24 * 60 * 60_000;

/** How reading ended: `volume` that there was more than a run reads, which another run would meet again. */
export type Ending = "whole" | "broken" | "volume";

/** From when on a log is read, ms. @param kept what is kept of it */
export function readSince(kept: string | undefined, from: number): number {
  const since = Number(kept ?? Number.NaN);
  return Number.isFinite(since) ? Math.min(from, Math.max(since, from - longest)) : from;
}

/** What is to be kept of a log: when reading broke off, from when on it was to be read; null for no longer. */
export function keptAfter(ending: Ending, since: number, kept: string | undefined): string | null | undefined {
  if (ending === "broken") return String(since);
  return kept === undefined ? undefined : null;
}

interface Keeping {
  cluster: string;
  unread: ReadonlyMap<string, string | null>;
  /** The run's end, ms. */
  at: number;
}

/** Remembers a run, and around it which logs are unread: cut off in between, they are read twice, and never not at all. */
export async function remember(
  store: Pick<Store, "keepReceipts" | "remember">,
  { cluster, unread, at }: Keeping,
  change: Change,
): Promise<void> {
  const keep = async (isRead: boolean) => {
    const some = new Map([...unread].filter(([, since]) => (since === null) === isRead));
    if (some.size > 0) await store.keepReceipts(cluster, unreadLogs, some, at);
  };
  await keep(false);
  await store.remember(cluster, change);
  await keep(true);
}
