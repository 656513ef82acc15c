import { describe, expect, it } from "vitest";
import { ScoutError } from "../../lib/errors.ts";
import type { Failure, Letter } from "../../lib/model.ts";
import { letterTo } from "../../lib/notify/deliver.ts";
import { failedAgain } from "../../lib/notify/retry.ts";
import { undelivered, type Waiting } from "../../lib/notify/undelivered.ts";
import { finding, message } from "./sample.ts";

const day = 24 * 60 * 60_000;
const noon = Date.UTC(2026, 10, 22, 12);
const failed = (since: number, reported = false): Failure => ({
  ...failedAgain(null, new ScoutError("channel/unavailable", "slack is away"), since),
  reported,
});
const letter = (id: string, findings = [finding({ id: `f-${id}` })], channel = "slack"): Letter =>
  letterTo(channel, message(findings, { id }));
const waiting = (change: Partial<Waiting>) =>
  undelivered({
    ...{ letters: [letter("1"), letter("2")], outages: new Map(), others: ["security"], cluster: "prod", now: noon },
    ...change,
  });
const outage = (since: number, reported = false) => new Map([["slack", failed(since, reported)]]);

describe("notify/undelivered", () => {
  it("says nothing of what has waited for less than a day", () => {
    expect(waiting({ outages: outage(noon - day + 1) })).toEqual({
      ...{ warnings: [], letters: [], failures: [], outages: [] },
    });
  });

  it("after a day warns, and tells whoever else there is what waits, in one letter", () => {
    const { warnings, letters, failures, outages } = waiting({ outages: outage(noon - day) });
    expect(warnings).toEqual(["slack could not be told since 2026-11-21 12:00 UTC: 2 messages wait (slack is away)"]);
    expect(letters).toMatchObject([
      {
        channel: "security",
        message: {
          team: "payments",
          reason: "first",
          note: "slack could not be told since 2026-11-21 12:00 UTC: 2 messages wait.",
          findings: [{ id: "f-1" }, { id: "f-2" }],
        },
      },
    ]);
    expect(failures).toEqual([]);
    expect(outages).toEqual([["slack", failed(noon - day, true)]]);
    expect(waiting({ outages: outage(noon - day), now: noon + 1 }).letters[0]?.id).toBe(letters[0]?.id);
  });

  it("tells it once, and warns on", () => {
    const { warnings, letters, outages } = waiting({ outages: outage(noon - 3 * day, true) });
    expect([warnings.length, letters, outages]).toEqual([1, [], []]);
  });

  it("counts what a channel took others before, and never came to, from the message's own time on", () => {
    const behind = letterTo("slack", message([finding({ id: "f-9" })], { id: "9", at: noon - day }));
    const busy = { letters: [letter("1"), behind], outages: outage(noon) };
    const { warnings, letters, failures } = waiting(busy);
    expect(warnings).toEqual(["slack could not be told since 2026-11-21 12:00 UTC: 1 message waits (slack is away)"]);
    expect(letters.map((one) => one.message.findings.map(({ id }) => id))).toEqual([["f-9"]]);
    expect(failures).toEqual([["9/slack", { ...failed(noon, true), since: noon - day }]]);
    const [[, failure]] = failures as [[string, Failure]];
    expect(waiting({ ...busy, letters: [{ ...behind, failure }] })).toMatchObject({
      letters: [],
      warnings: [expect.anything()],
    });
  });

  it("waits where nobody else can be told: the channel itself and those that are down are nobody", () => {
    const others = ["slack", "security"];
    const outages = new Map([...outage(noon - day), ["security", failed(noon)]]);
    expect(waiting({ others, outages })).toMatchObject({ warnings: [expect.anything()], letters: [], outages: [] });
    expect(waiting({ others: [], outages }).letters).toEqual([]);
  });

  it("a finding that waits in several letters is in the report once, as it was last", () => {
    const [before, after] = [finding({ count: 1 }), finding({ count: 2 })];
    const letters = [letter("1", [before]), letterTo("slack", message([after], { id: "2", reason: "repeat" }))];
    const [report] = waiting({ letters, outages: outage(noon - day) }).letters;
    expect(report?.message).toMatchObject({ reason: "first", findings: [{ count: 2 }] });
  });

  it("has a letter for each team that waits for one channel", () => {
    const shop = finding({ id: "s", owner: { team: "shop", from: "config", channels: ["slack"] } });
    const { letters } = waiting({ letters: [letter("1"), letter("2", [shop])], outages: outage(noon - day) });
    expect(letters.map((one) => one.message.team)).toEqual(["payments", "shop"]);
  });

  it("a letter that its channel refuses for a day is told, while the others are not", () => {
    const bad = { ...letter("1"), failure: failed(noon - day) };
    const { warnings, letters, failures, outages } = waiting({ letters: [bad, letter("2")] });
    expect(warnings).toEqual(["slack could not be told since 2026-11-21 12:00 UTC: 1 message waits (slack is away)"]);
    expect(letters).toMatchObject([{ message: { findings: [{ id: "f-1" }] } }]);
    expect([failures, outages]).toEqual([[["1/slack", failed(noon - day, true)]], []]);
    const again = waiting({ letters: [{ ...bad, failure: failed(noon - day, true) }] });
    expect([again.warnings.length, again.letters]).toEqual([1, []]);
  });
});
