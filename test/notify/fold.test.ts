import { describe, expect, it } from "vitest";
import { ScoutError } from "../../lib/errors.ts";
import type { Finding, Letter, Message } from "../../lib/model.ts";
import { letterTo } from "../../lib/notify/deliver.ts";
import { fold } from "../../lib/notify/fold.ts";
import { failedAgain } from "../../lib/notify/retry.ts";
import type { Waiting } from "../../lib/notify/undelivered.ts";
import { finding, message } from "./sample.ts";

const hour = 60 * 60_000;
const day = 24 * hour;
const noon = Date.UTC(2026, 10, 22, 12);
const letter = (id: string, at: number, findings: Finding[], change: Partial<Message> = {}): Letter =>
  letterTo("slack", message(findings, { id, at, ...change }));
/** One an hour, the last one an hour ago, each about a finding of its own. */
const hourly = (count: number) =>
  Array.from({ length: count }, (_, n) => letter(`m${n}`, noon - (count - n) * hour, [finding({ id: `f${n}` })]));
const folded = (letters: Letter[], change: Partial<Waiting> = {}) =>
  fold({ letters, outages: new Map(), others: ["slack", "security"], cluster: "prod", now: noon, ...change });
const ids = (letters: Letter[]) => letters.map(({ message: { findings } }) => findings.map(({ id }) => id));

describe("notify/fold", () => {
  it("leaves alone what is not too much: 200 letters, 2,000 findings, 30 days", () => {
    const nothing = { letters: [], gone: [], reports: [], warnings: [] };
    expect(folded(hourly(200))).toEqual(nothing);
    expect(folded([letter("old", noon - 30 * day, [finding()]), ...hourly(3)])).toEqual(nothing);
    const many = Array.from({ length: 2000 }, (_, n) => finding({ id: `x${n}` }));
    expect(folded([letter("long", noon - 2 * day, many)])).toEqual(nothing);
  });

  it("folds the oldest into one for each team until half is left, and says so", () => {
    const letters = hourly(201);
    const { gone, letters: made, reports, warnings } = folded(letters);
    expect(gone).toEqual(letters.slice(0, 101));
    expect(made).toMatchObject([{ channel: "slack", message: { reason: "first", at: noon } }]);
    expect(made[0]?.message.note).toBe(
      "In the place of what waited for slack since 2026-11-14 03:00 UTC: 100 of 101 findings, the most severe first.",
    );
    // Nothing is lost in silence: what has no room is told to somebody else.
    expect(reports.map(({ channel }) => channel)).toEqual(["security"]);
    expect([...ids(made).flat(), ...ids(reports).flat()].sort()).toEqual(ids(gone).flat().sort());
    expect(warnings).toEqual([
      "slack could not be told since 2026-11-14 03:00 UTC: 101 messages became 1. 1 finding has no room there",
    ]);
    expect(folded([...letters.slice(101), ...made]).gone).toEqual([]);
  });

  it("folds what waits for 30 days, with a day's worth at once, and does not do it again", () => {
    const old = [30.5, 29.5, 28.5].map((days) => letter(`d${days}`, noon - days * day, [finding({ id: `${days}` })]));
    const { gone, letters } = folded(old);
    expect(gone).toEqual(old.slice(0, 2));
    expect(ids(letters)).toEqual([["29.5", "30.5"]]);
    expect(folded([...old.slice(2), ...letters]).gone).toEqual([]);
    expect(folded(letters, { now: noon + 31 * day }).gone).toEqual([]);
  });

  it("nothing of the last day is folded, however much it is", () => {
    const today = Array.from({ length: 300 }, (_, n) => letter(`t${n}`, noon - hour, [finding({ id: `t${n}` })]));
    expect(folded(today).gone).toEqual([]);
    expect(folded([...hourly(30), ...today]).gone).toHaveLength(7);
  });

  it("tells each finding once, as it was last, and leaves those to later letters that these tell of", () => {
    const old = noon - 31 * day;
    const own = (id: string, count: number) => finding({ id, count });
    const { gone, letters } = folded([
      letter("1", old, [own("a", 1), own("b", 1)]),
      letter("2", old + hour, [own("a", 2)], { reason: "repeat" }),
      letter("3", noon - hour, [own("b", 3)], { reason: "resolved" }),
    ]);
    expect(gone).toHaveLength(2);
    expect(letters.map((one) => one.message.findings.map(({ id, count }) => [id, count]))).toEqual([[["a", 2]]]);
  });

  it("leaves nothing out where nobody else can be told: a letter for each hundred findings, made once", () => {
    const down = failedAgain(null, new ScoutError("channel/unavailable", "away"), noon);
    const all = hourly(201);
    for (const change of [{ outages: new Map([["security", down]]) }, { others: [] }]) {
      const { gone, letters, reports, warnings } = folded(all, change);
      expect([reports, letters.length]).toEqual([[], 2]);
      expect(ids(letters).flat().sort()).toEqual(ids(gone).flat().sort());
      expect(new Set(letters.map(({ id }) => id)).size).toBe(2);
      expect(letters[1]?.message.note).toContain(": 1 of 101 findings, the most severe first.");
      expect(warnings[0]).not.toContain("no room");
    }
    const many = Array.from({ length: 2100 }, (_, n) => letter(`m${n}`, noon - 2 * day, [finding({ id: `f${n}` })]));
    const once = folded(many, { others: [] });
    const rest = many.filter((one) => !once.gone.includes(one));
    expect(once.letters.length + rest.length).toBeLessThanOrEqual(200);
    const next = folded([...rest, ...once.letters], { others: [], now: noon + 2 * day });
    expect(ids([...rest, ...once.letters]).flat().length).toBe(2100);
    const now = [...rest, ...once.letters].filter((one) => !next.gone.includes(one));
    expect(ids([...now, ...next.letters]).flat().length).toBe(2100);
    const then = folded([...now, ...next.letters], { others: [], now: noon + 4 * day });
    expect(then.gone).toEqual([]);
  });

  it("keeps a team's letter apart from another's", () => {
    const shop = (id: string) => finding({ id, owner: { team: "shop", from: "config", channels: ["slack"] } });
    const old = [
      letter("1", noon - 31 * day, [finding()]),
      letter("2", noon - 31 * day, [shop("s")], { team: "shop" }),
    ];
    expect(folded(old).letters.map(({ message: { team } }) => team)).toEqual(["payments", "shop"]);
  });
});
