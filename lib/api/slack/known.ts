/** Findings with their manifests, as far as they are remembered: open ones, letters that wait, and messages that a channel may change. */
import type { Finding } from "../../model.ts";
import { rootIn, toldIn } from "../../notify/slack-thread.ts";
import type { Store } from "../../remember/store.ts";

export interface Known {
  finding: Finding;
  /** What the message with it had no room for is a file in its thread. */
  isThreaded: boolean;
}

/**
 * Those of the ids that are known, by id, each as it was told or seen last.
 * @param channels that keep receipts
 * @throws ScoutError `store/…`
 */
export async function knownFindings(
  store: Store,
  ids: readonly string[],
  channels: readonly string[],
): Promise<Map<string, Known>> {
  const known = new Map<string, Known>();
  for (const cluster of await store.clusters()) {
    const threads = await inThreads(store, cluster, { ids, channels });
    const open = await store.open(cluster);
    const letters = await store.letters(cluster);
    const waiting = new Map(letters.flatMap(({ message }) => message.findings.map((one) => [one.id, one] as const)));
    for (const id of ids) {
      const threaded = threads.get(id);
      const finding = waiting.get(id) ?? open.get(id) ?? threaded;
      if (finding !== undefined) known.set(id, { finding, isThreaded: threaded !== undefined });
    }
  }
  return known;
}

async function inThreads(
  store: Store,
  cluster: string,
  { ids, channels }: { ids: readonly string[]; channels: readonly string[] },
): Promise<Map<string, Finding>> {
  const found = new Map<string, Finding>();
  for (const channel of channels) {
    const receipts = await store.receipts(cluster, channel);
    for (const id of ids) {
      const told = toldIn(receipts.get(id) ?? null);
      const message = told === null ? null : (rootIn(receipts.get(told.root) ?? null)?.message ?? null);
      const finding = message?.findings.find((one) => one.id === id);
      if (finding !== undefined) found.set(id, finding);
    }
  }
  return found;
}
