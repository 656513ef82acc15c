import { describe, expect, it } from "vitest";
import { seenUntil } from "../../lib/poll/ahead.ts";

const noon = Date.UTC(2026, 10, 20, 12);
const at = (clock: number | null) => ({ asked: () => ({ queries: 1, warnings: [], clock }) });

describe("poll/ahead", () => {
  it("goes by the other clock where this one is ahead by more than a minute", () => {
    expect(seenUntil(at(noon), noon + 60_000)).toEqual({ until: noon + 60_000, warnings: [] });
    expect(seenUntil(at(null), noon)).toEqual({ until: noon, warnings: [] });
    expect(seenUntil(at(noon), noon - 60_000)).toEqual({ until: noon - 60_000, warnings: [] });
    const day = 24 * 60 * 60_000;
    expect(seenUntil(at(noon), noon + day)).toEqual({ until: noon, warnings: [expect.stringContaining(" by 1d: ")] });
  });
});
