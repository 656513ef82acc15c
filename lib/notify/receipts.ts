/** Receipts of channels over where they are kept, read when they are first asked for. No I/O of its own. */
import type { Receipts } from "./channel.ts";

/** Where receipts are kept: of the store, what is needed here. */
export interface ReceiptStore {
  receipts(cluster: string, channel: string): Promise<ReadonlyMap<string, string>>;
  keepReceipts(
    cluster: string,
    channel: string,
    changes: ReadonlyMap<string, string | null>,
    at: number,
  ): Promise<void>;
}

/** By channel: the receipts of one run that ends `at` (ms). */
export function receiptsIn(store: ReceiptStore, cluster: string, at: number): (channel: string) => Receipts {
  const all = new Map<string, Receipts>();
  return (channel) => {
    const found = all.get(channel) ?? receiptsOf(store, { cluster, channel, at });
    all.set(channel, found);
    return found;
  };
}

function receiptsOf(store: ReceiptStore, whose: { cluster: string; channel: string; at: number }): Receipts {
  const { cluster, channel, at } = whose;
  let reading: Promise<Map<string, string>> | undefined;
  const known = () => {
    reading ??= store.receipts(cluster, channel).then((read) => new Map(read));
    return reading;
  };
  return {
    get: async (key) => (await known()).get(key) ?? null,
    all: known,
    async keep(changes) {
      if (changes.size === 0) return;
      const before = await known();
      await store.keepReceipts(cluster, channel, changes, at);
      for (const [key, receipt] of changes) {
        if (receipt === null) before.delete(key);
        else before.set(key, receipt);
      }
    },
  };
}

/** Receipts that nobody keeps: of a message that is a test. */
export const noReceipts = (): Receipts =>
  receiptsIn({ receipts: async () => new Map(), keepReceipts: async () => {} }, "", 0)("");
