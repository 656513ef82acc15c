/** Receipts in memory, for tests of channels that keep some. */
import type { Receipts } from "../../lib/notify/channel.ts";
import { receiptsIn } from "../../lib/notify/receipts.ts";

/** `book` is what is kept; `receipts` reads it anew, as the next run does. */
export function receiptBook(): { book: Map<string, string>; receipts(): Receipts } {
  const book = new Map<string, string>();
  const store = {
    receipts: async () => new Map(book),
    async keepReceipts(_cluster: string, _channel: string, changes: ReadonlyMap<string, string | null>) {
      for (const [key, receipt] of changes) {
        if (receipt === null) book.delete(key);
        else book.set(key, receipt);
      }
    },
  };
  return { book, receipts: () => receiptsIn(store, "prod", 0)("slack") };
}
