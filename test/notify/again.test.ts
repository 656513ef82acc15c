import { describe, expect, it } from "vitest";
import type { Finding, Telling } from "../../lib/model.ts";
import { type AgainSettings, again, tellingsOf } from "../../lib/notify/again.ts";
import { toldNow } from "../../lib/notify/telling.ts";
import { finding } from "./sample.ts";

const hour = 60 * 60_000;
const day = 24 * hour;
/** A Sunday. */
const noon = Date.UTC(2026, 10, 22, 12);
const usual: AgainSettings = { repeat: day, backoff: 2, quietAfter: 1, digest: null };
const weekly = { ...usual, digest: { every: "weekly", at: "09:00", zone: "UTC" } } as const;
const one = (id: string, change: Partial<Finding> = {}) => finding({ id, kind: "policy-violation", ...change });
const byId = (...all: Finding[]) => new Map(all.map((each) => [each.id, each]));
const told = (at: number, ...all: Finding[]) =>
  new Map(all.map((each): [string, Telling] => [each.id, toldNow(each, null, null, "first", at)]));
const still = (...all: Finding[]) => ({
  ...{ before: byId(...all), opened: [], closed: [], findings: [] },
  tellings: told(noon, ...all),
});
const seen = (...args: Parameters<typeof again>) =>
  again(...args).map(({ finding: { id }, reason, occasion }) => [id, reason, occasion]);

describe("notify/again", () => {
  it("tells what is open from before, as it is now, and nothing that is over or told anyway", () => {
    const [a, b, c, d] = ["a", "b", "c", "d"].map((id) => one(id)) as [Finding, Finding, Finding, Finding];
    const open = { ...still(a, b, c, d), opened: [{ ...a, count: 77 }, one("new")], closed: ["b"], findings: [c] };
    const all = again(open, usual, noon, noon + day);
    expect(all.map((each) => [each.finding.id, each.reason, each.occasion])).toEqual([
      ["a", "repeat", 2],
      ["d", "repeat", 2],
      // It was opened in silence, and long ago.
      ["new", "repeat", 2],
    ]);
    expect(all[0]?.finding.count).toBe(77);
    expect(seen(open, usual, noon, noon + hour)).toEqual([]);
  });

  it("keeps how what was said was told, of what stays open", () => {
    const [a, b] = [one("a"), one("b")];
    const open = { ...still(a, b), opened: [one("c")] };
    const say = (each: Finding, reason: "first" | "repeat" | "changed" | "resolved" | "digest") => ({
      ...{ finding: each, reason, occasion: 0 },
    });
    const said = [
      say(a, "repeat"),
      say(b, "digest"),
      say(one("c"), "first"),
      say(one("d"), "first"),
      say(one("e"), "resolved"),
    ];
    expect(tellingsOf(said, open, noon + day)).toEqual([
      ["a", { ...open.tellings.get("a"), told: 2, repeats: 1, at: noon + day }],
      ["c", toldNow(one("c"), null, null, "first", noon + day)],
    ]);
  });

  it("the first run after a digest is due has what was not told since the digest before", () => {
    const [lately, long, low] = [one("lately"), one("long"), one("low", { severity: "info" })];
    const due = Date.UTC(2026, 10, 30, 9);
    const open = {
      ...still(lately, long, low),
      tellings: new Map(
        [...told(due - 6 * day, lately), ...told(due - 30 * day, long), ...told(due - 7 * day, low)].map(
          ([id, telling]) => [id, { ...telling, repeats: 1 }],
        ),
      ),
    };
    expect(seen(open, weekly, due - hour, due + hour)).toEqual([
      ["long", "digest", due],
      ["low", "digest", due],
    ]);
    expect(seen(open, weekly, due - hour, due - 1)).toEqual([]);
    expect(seen(open, weekly, due, due + hour)).toEqual([]);
    expect(seen(open, weekly, null, due + hour)).toEqual([]);
    expect(seen(open, usual, due - hour, due + hour)).toEqual([]);
    expect(seen(open, weekly, due - 30 * day, due + hour)).toHaveLength(2);
  });

  it("what is repeated in the same run is not in the digest", () => {
    const due = Date.UTC(2026, 10, 30, 9);
    const open = { ...still(one("a")), tellings: told(due - 20 * day, one("a")) };
    expect(seen(open, weekly, due - hour, due)).toEqual([["a", "repeat", 2]]);
  });
});
