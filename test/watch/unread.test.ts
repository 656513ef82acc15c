import { describe, expect, it } from "vitest";
import { nothingNew } from "../../lib/remember/store.ts";
import { keptAfter, readSince, remember } from "../../lib/watch/unread.ts";

const hour = 60 * 60_000;
const from = 100 * hour;

describe("watch/unread", () => {
  it("reads from where the last run could not, and no more than a day back", () => {
    expect(readSince(undefined, from)).toBe(from);
    expect(readSince(String(from - hour), from)).toBe(from - hour);
    expect(readSince(String(from - 30 * hour), from)).toBe(from - 24 * hour);
    expect(readSince("junk", from)).toBe(from);
    expect(readSince(String(from + hour), from)).toBe(from);
  });

  it("keeps what broke off, and forgets what was read or is too much", () => {
    expect(keptAfter("broken", from, undefined)).toBe(String(from));
    expect(keptAfter("whole", from, String(from))).toBeNull();
    expect(keptAfter("volume", from, String(from))).toBeNull();
    expect(keptAfter("whole", from, undefined)).toBeUndefined();
  });

  it("notes what is unread before the run is remembered, and what is read after it", async () => {
    const done: unknown[] = [];
    const store = {
      remember: async () => void done.push("remember"),
      keepReceipts: async (...[, , changes]: [string, string, ReadonlyMap<string, string | null>, number]) =>
        void done.push([...changes]),
    };
    const unread = new Map([
      ["Loki", "7"],
      ["CloudWatch", null],
    ]);
    const progress = { end: from, learningSince: null, judgedUntil: null };
    await remember(store, { cluster: "a", unread, at: from }, nothingNew(progress));
    expect(done).toEqual([[["Loki", "7"]], "remember", [["CloudWatch", null]]]);
  });
});
