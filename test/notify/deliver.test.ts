import { describe, expect, it } from "vitest";
import { type ErrorCode, ScoutError } from "../../lib/errors.ts";
import type { Failure, Letter, Message } from "../../lib/model.ts";
import type { Channel } from "../../lib/notify/channel.ts";
import { deliver, letterTo } from "../../lib/notify/deliver.ts";
import { failedAgain } from "../../lib/notify/retry.ts";
import type { Sending } from "../../lib/notify/sending.ts";
import { receiptBook } from "./receipt-book.ts";
import { at, finding, message } from "./sample.ts";

const letters = (channel: string, ...ids: string[]): Letter[] =>
  ids.map((id) => letterTo(channel, message([], { id })));

/** Channels that write down what they are sent, and refuse what they are told to. */
function post(...names: string[]) {
  const log: string[] = [];
  const refused = new Map<string, unknown>();
  const channels = new Map(
    names.map((name): [string, Channel] => [
      name,
      {
        name,
        async send({ id }) {
          log.push(`${name} gets ${id}`);
          await Promise.resolve();
          const error = refused.get(`${name} ${id}`) ?? refused.get(name);
          if (error !== undefined) throw error;
        },
      },
    ]),
  );
  const told = async ({ id }: Letter) => void log.push(`told ${id}`);
  const sending: Sending = { channels, told, outages: new Map(), fallbacks: {}, now: noon, budget: 10_000 };
  return {
    log,
    refused,
    channels,
    all: (letters: Letter[], change: Partial<Sending> = {}) => deliver(letters, { ...sending, ...change }),
    send: async (letters: Letter[], change: Partial<Sending> = {}) =>
      (await deliver(letters, { ...sending, ...change })).deliveries,
  };
}
const minute = 60_000;
const hour = 60 * minute;
const noon = Date.UTC(2026, 10, 22, 12);
const down = (code: ErrorCode) => new ScoutError(code, "it is down");

describe("notify/deliver", () => {
  it("gives the same message to the same channel the same id, and to another another", () => {
    const one = message([], { id: "msg-1" });
    expect(letterTo("slack", one)).toEqual({ id: "msg-1/slack", channel: "slack", message: one });
    expect(letterTo("sns", one).id).not.toBe(letterTo("slack", one).id);
  });

  it("sends the oldest first, and counts each as told before the next goes out", async () => {
    const { log, send } = post("slack");
    const deliveries = await send(letters("slack", "1", "2", "3"));
    expect(log).toEqual(["1", "2", "3"].flatMap((id) => [`slack gets ${id}`, `told ${id}/slack`]));
    expect(deliveries.map(({ letter, ok, error }) => [letter.id, ok, error])).toEqual([
      ["1/slack", true, null],
      ["2/slack", true, null],
      ["3/slack", true, null],
    ]);
  });

  it("does nothing where nothing is due", async () => {
    expect(await post("slack").send([])).toEqual([]);
  });

  it.each<ErrorCode>(["channel/unavailable", "channel/rate-limited"])(
    "leaves a channel's later letters for the next run after %s",
    async (code) => {
      const { log, refused, send } = post("slack");
      const error = down(code);
      refused.set("slack 2", error);
      const deliveries = await send(letters("slack", "1", "2", "3"));
      expect(log).toEqual(["slack gets 1", "told 1/slack", "slack gets 2"]);
      expect(deliveries.map((one) => [one.ok, one.error])).toEqual([
        [true, null],
        [false, error],
        [false, error],
      ]);
    },
  );

  it("lets a letter that is refused hold up no other", async () => {
    const { log, refused, send } = post("slack");
    refused.set("slack 1", down("channel/refused"));
    const deliveries = await send(letters("slack", "1", "2"));
    expect(log).toEqual(["slack gets 1", "slack gets 2", "told 2/slack"]);
    expect(deliveries.map((one) => one.ok)).toEqual([false, true]);
  });

  it("takes whatever a channel throws for a fault, and goes on", async () => {
    const { refused, send } = post("slack");
    refused.set("slack 1", new TypeError("x is not a function"));
    const [first, second] = await send(letters("slack", "1", "2"));
    expect(first).toMatchObject({ ok: false, error: { code: "internal", message: "x is not a function" } });
    expect(second?.ok).toBe(true);
  });

  it("lets a channel that is down delay its own letters only", async () => {
    const { log, refused, send } = post("slack", "sns");
    refused.set("slack", down("channel/unavailable"));
    const deliveries = await send([...letters("slack", "1", "2"), ...letters("sns", "1", "2")]);
    expect(log.filter((one) => !one.startsWith("slack"))).toEqual([
      "sns gets 1",
      "told 1/sns",
      "sns gets 2",
      "told 2/sns",
    ]);
    expect(deliveries.map(({ letter, ok }) => `${letter.id} ${ok}`)).toEqual([
      "1/slack false",
      "2/slack false",
      "1/sns true",
      "2/sns true",
    ]);
  });

  it("keeps a letter to a channel that is not there: it is neither sent nor told", async () => {
    const { log, send } = post("slack");
    const deliveries = await send([...letters("gone", "1"), ...letters("slack", "1")]);
    expect(deliveries.map(({ letter }) => letter.channel)).toEqual(["slack"]);
    expect(log).toEqual(["slack gets 1", "told 1/slack"]);
  });

  it("fails where it cannot be remembered that a letter was told: it goes out again rather than being lost", async () => {
    const channel: Channel = { name: "slack", send: async () => {} };
    const full = async () => Promise.reject(down("store/unavailable"));
    const channels = new Map([["slack", channel]]);
    const work = post().all(letters("slack", "1"), { channels, told: full });
    await expect(work).rejects.toMatchObject({ code: "store/unavailable" });
  });

  it("does not try a channel that is down before its next try is due, and says since when and until when", async () => {
    const { log, refused, all } = post("slack");
    refused.set("slack", down("channel/unavailable"));
    const first = await all(letters("slack", "1", "2"));
    expect(first.failures).toMatchObject([["1/slack", { since: noon, attempts: 1 }]]);
    expect(first.outages).toMatchObject([["slack", { since: noon, attempts: 1, next: noon + minute }]]);
    const outages = new Map(first.outages as [string, Failure][]);
    const held = await all(letters("slack", "1", "3"), { outages, now: noon + minute - 1 });
    expect(log).toEqual(["slack gets 1"]);
    expect(held).toMatchObject({ failures: [], outages: [] });
    expect(held.deliveries.map(({ ok, error }) => [ok, error?.code, error?.message])).toEqual(
      Array(2).fill([false, "channel/unavailable", "it is down; not tried again before 2026-11-22 12:01 UTC"]),
    );
    const second = await all(letters("slack", "1"), { outages, now: noon + minute });
    expect(second.outages).toMatchObject([["slack", { since: noon, attempts: 2, next: noon + 3 * minute }]]);
    refused.clear();
    const third = await all(letters("slack", "1"), { outages, now: noon + minute });
    expect(third).toMatchObject({ outages: [["slack", null]], deliveries: [{ ok: true }] });
  });

  it("tries a letter that was refused later and later, and all others at once", async () => {
    const { log, refused, all } = post("slack");
    refused.set("slack 1", down("channel/refused"));
    const first = await all(letters("slack", "1", "2"));
    expect(first.outages).toEqual([]);
    expect(first.failures).toMatchObject([["1/slack", { attempts: 1, next: noon + minute, code: "channel/refused" }]]);
    const failure = first.failures[0]?.[1] as Failure;
    const [one] = letters("slack", "1") as [Letter];
    const again = await all([{ ...one, failure }, ...letters("slack", "3")], { now: noon + 1 });
    expect(log.slice(2)).toEqual(["told 2/slack", "slack gets 3", "told 3/slack"]);
    expect(again).toMatchObject({ failures: [], outages: [], deliveries: [{ ok: false }, { ok: true }] });
    const later = await all([{ ...one, failure }], { now: noon + minute });
    expect(later.failures).toMatchObject([["1/slack", { since: noon, attempts: 2 }]]);
    // Nothing went through: for all that is known the channel refuses everybody.
    expect(later.outages).toMatchObject([["slack", { code: "channel/refused" }]]);
  });

  it("asks a channel that refuses everything five times a run, and takes it up as soon as it takes a letter", async () => {
    const { log, refused, all } = post("slack");
    refused.set("slack", down("channel/refused"));
    const many = Array.from({ length: 9 }, (_, n) => String(n));
    const { outages, failures, deliveries } = await all(letters("slack", ...many));
    expect([log.length, failures.length, deliveries.filter(({ ok }) => !ok).length]).toEqual([5, 5, 9]);
    refused.clear();
    const back = await all(letters("slack", "new"), {
      outages: new Map(outages as [string, Failure][]),
      now: noon + 1,
    });
    expect(back).toMatchObject({ outages: [["slack", null]], deliveries: [{ ok: true }] });
  });

  it("tells the fallback after an hour, under the same id, and says so in the message", async () => {
    const { log, refused, channels, all } = post("slack", "sns");
    const sent: Message[] = [];
    channels.set("sns", { name: "sns", send: async (message) => void sent.push(message) });
    refused.set("slack", down("channel/unavailable"));
    const outage = (since: number): ReadonlyMap<string, Failure> =>
      new Map([["slack", failedAgain(null, down("channel/unavailable"), since)]]);
    const fallbacks = { slack: "sns" };
    const early = await all(letters("slack", "1"), { fallbacks, outages: outage(noon - hour + 1) });
    expect([early.deliveries.length, sent.length]).toEqual([1, 0]);
    const late = await all(letters("slack", "1"), { fallbacks, outages: outage(noon - hour) });
    expect(sent).toEqual([
      {
        ...message([], { id: "1" }),
        note: "It comes here since slack could not be told from 2026-11-22 11:00 UTC on.",
      },
    ]);
    expect(log.at(-1)).toBe("told 1/slack");
    expect(late.deliveries.map(({ letter, ok, insteadTo }) => [letter.id, letter.channel, ok, insteadTo])).toEqual([
      ["1/slack", "slack", false, "sns"],
      ["1/slack", "sns", true, undefined],
    ]);
    expect(late.outages).toMatchObject([["slack", { since: noon - hour, attempts: 2 }]]);
  });

  it("does not tell the fallback twice what its owner's other letter tells it", async () => {
    const { log, refused, all } = post("slack", "sns");
    refused.set("slack", down("channel/unavailable"));
    const outages = new Map([["slack", failedAgain(null, down("channel/unavailable"), noon - hour)]]);
    const both = message([finding({ owner: { team: "a", from: "config", channels: ["slack", "sns"] } })], { id: "1" });
    const mail = ["slack", "sns"].map((name) => letterTo(name, both));
    const { deliveries } = await all(mail, { outages, fallbacks: { slack: "sns" } });
    expect(log.filter((line) => line === "sns gets 1")).toHaveLength(1);
    expect(log).toContain("told 1/slack");
    expect(deliveries.map(({ letter, ok, insteadTo }) => [letter.channel, ok, insteadTo])).toEqual([
      ["slack", false, "sns"],
      ["sns", true, undefined],
    ]);
  });

  it("does not try a fallback whose own next try is not due", async () => {
    const { log, refused, all } = post("slack", "sns");
    refused.set("slack", down("channel/unavailable"));
    const failed = (since: number) => failedAgain(null, down("channel/unavailable"), since);
    const outages = new Map([
      ["slack", failed(noon - hour)],
      ["sns", failed(noon)],
    ]);
    const fallbacks = { slack: "sns" };
    await all(letters("slack", "1"), { outages, fallbacks });
    expect(log).toEqual(["slack gets 1"]);
    await all(letters("slack", "1"), { outages, fallbacks, now: noon + minute });
    expect(log.slice(1)).toEqual(["slack gets 1", "sns gets 1", "told 1/slack"]);
  });

  it("a channel that took a letter before it failed is down from now on", async () => {
    const { refused, all } = post("slack");
    refused.set("slack 2", down("channel/unavailable"));
    const outages = new Map([["slack", failedAgain(null, down("channel/unavailable"), noon - hour)]]);
    const done = await all(letters("slack", "1", "2"), { outages });
    expect(done.outages).toMatchObject([["slack", { since: noon, attempts: 1 }]]);
  });

  it("a letter that is refused while its channel comes back waits its own hour", async () => {
    const { log, refused, all } = post("slack", "sns");
    refused.set("slack 2", down("channel/refused"));
    const outages = new Map([["slack", failedAgain(null, down("channel/unavailable"), noon - hour)]]);
    await all(letters("slack", "1", "2"), { outages, fallbacks: { slack: "sns" } });
    expect(log).toEqual(["slack gets 1", "told 1/slack", "slack gets 2"]);
  });

  it("goes on to the fallback's fallback; where nobody takes it, it is kept", async () => {
    const { refused, all } = post("a", "b", "c");
    const outages = new Map([["a", failedAgain(null, down("channel/unavailable"), noon - hour)]]);
    const fallbacks = { a: "gone", gone: "b", b: "c" };
    for (const name of ["a", "b"]) refused.set(name, down("channel/unavailable"));
    const { deliveries } = await all(letters("a", "1"), { outages, fallbacks });
    expect(deliveries.map(({ letter, ok }) => [letter.channel, ok])).toEqual([
      ["a", false],
      ["c", true],
    ]);
    refused.set("c", down("channel/refused"));
    expect((await all(letters("a", "1"), { outages, fallbacks })).deliveries).toMatchObject([{ ok: false }]);
    const round = await all(letters("a", "1"), { outages, fallbacks: { a: "b", b: "a" } });
    expect(round.deliveries).toMatchObject([{ ok: false }]);
  });

  it("a letter refused for an hour goes to the fallback, while the channel takes the others", async () => {
    const { log, refused, all } = post("slack", "sns");
    refused.set("slack 1", down("channel/refused"));
    const [one] = letters("slack", "1") as [Letter];
    const failure = failedAgain(null, down("channel/refused"), noon - hour);
    const done = await all([{ ...one, failure }, ...letters("slack", "2")], { fallbacks: { slack: "sns" } });
    expect(log.slice(-2)).toEqual(["sns gets 1", "told 1/slack"]);
    expect(done.failures).toEqual([]);
  });

  it("one channel that hangs costs the others nothing, and the run no more than its time", async () => {
    const { log, channels, all } = post("slack", "sns");
    channels.set("slack", { name: "slack", send: () => new Promise(() => {}) });
    const { deliveries, outages } = await all([...letters("slack", "1", "2"), ...letters("sns", "1")], { budget: 50 });
    expect(log).toEqual(["sns gets 1", "told 1/sns"]);
    expect(deliveries.map(({ letter, error }) => [letter.id, error?.code])).toEqual([
      ["1/slack", "channel/unavailable"],
      ["2/slack", "channel/unavailable"],
      ["1/sns", undefined],
    ]);
    expect(outages).toMatchObject([["slack", { attempts: 1 }]]);
  });

  it("what is not begun when the time is up waits, and is no failure", async () => {
    const { log, all } = post("slack");
    // A timer of twice the time never ends before it.
    const told = () => new Promise<void>((resolve) => setTimeout(resolve, 40));
    const { deliveries, left, failures, outages } = await all(letters("slack", "1", "2", "3"), { budget: 20, told });
    expect(log).toEqual(["slack gets 1"]);
    expect([deliveries.map(({ ok }) => ok), left.map(({ id }) => id)]).toEqual([[true], ["2/slack", "3/slack"]]);
    expect([failures, outages]).toEqual([[], []]);
  });

  describe("letters about one finding", () => {
    const about = (id: string, reason: Message["reason"], at: number, ...ids: string[]) =>
      letterTo(
        "slack",
        message(
          ids.map((one) => finding({ id: one })),
          { id, reason, at },
        ),
      );
    const first = about("first", "first", noon - 10 * minute, "f");
    const over = about("over", "resolved", noon, "f");

    it("keep their order: the end waits while the beginning is refused, and what is about another does not", async () => {
      const { log, refused, all } = post("slack");
      refused.set("slack first", down("channel/refused"));
      const all3 = [first, about("both", "repeat", noon, "f", "g"), about("g", "resolved", noon, "g"), over];
      const { deliveries, failures } = await all([...all3, about("h", "first", noon, "h")]);
      expect(log).toEqual(["slack gets first", "slack gets h", "told h/slack"]);
      expect(deliveries.filter(({ ok }) => !ok).map(({ letter }) => letter.message.id)).toEqual([
        ...["first", "both", "g", "over"],
      ]);
      expect(failures.map(([id]) => id)).toEqual(["first/slack"]);
      // While the first waits for its own next try they wait with it, and then go after it.
      const failure = failures[0]?.[1] as Failure;
      await all([{ ...first, failure }, over], { now: noon + 1 });
      expect(log).toHaveLength(3);
      refused.clear();
      await all([{ ...first, failure }, over], { now: noon + minute });
      expect(log.slice(3)).toEqual(["first", "over"].flatMap((id) => [`slack gets ${id}`, `told ${id}/slack`]));
    });

    it("go to the fallback together, in order, and the second not where the first was not taken", async () => {
      const { log, refused, all } = post("slack", "sns");
      const failure = failedAgain(null, down("channel/refused"), noon - hour);
      const mail = [{ ...first, failure }, over];
      refused.set("slack first", down("channel/refused"));
      refused.set("sns first", down("channel/refused"));
      const fallbacks = { slack: "sns" };
      expect((await all(mail, { fallbacks })).deliveries.map(({ ok }) => ok)).toEqual([false, false]);
      expect(log).toEqual(["slack gets first", "sns gets first"]);
      refused.delete("sns first");
      await all(mail, { fallbacks });
      expect(log.slice(3)).toEqual(["sns gets first", "told first/slack", "sns gets over", "told over/slack"]);
    });

    it("keep their order in a fallback that waits for the beginning itself", async () => {
      const { log, refused, all } = post("slack", "sns");
      refused.set("slack", down("channel/unavailable"));
      refused.set("sns first", down("channel/refused"));
      const outages = new Map([["slack", failedAgain(null, down("channel/unavailable"), noon - hour)]]);
      const own = [{ ...first, id: "first/sns", channel: "sns" }, ...letters("sns", "x")];
      await all([...own, over], { outages, fallbacks: { slack: "sns" } });
      expect(log.filter((line) => line.startsWith("sns"))).toEqual(["sns gets first", "sns gets x"]);
    });
  });

  it("keeps the pause that a channel asks for, up to a day, and tries nothing before", async () => {
    const { log, refused, all } = post("slack");
    for (const [asked, next] of [
      [7_200_000, 2 * hour],
      [30_000, minute],
      [1e12, 24 * hour],
    ] as const) {
      refused.set("slack", new ScoutError("channel/rate-limited", "too much", { retryAfter: asked }));
      log.length = 0;
      const { outages, failures } = await all(letters("slack", "1", "2"));
      expect([log.length, failures, outages]).toMatchObject([1, [], [["slack", { next: noon + next }]]]);
      const known = { outages: new Map(outages as [string, Failure][]) };
      await all(letters("slack", "1"), { ...known, now: noon + next - 1 });
      expect(log).toHaveLength(1);
      await all(letters("slack", "1"), { ...known, now: noon + next });
      expect(log).toHaveLength(2);
    }
  });

  describe("a fallback that a route tells as well", () => {
    const [slack, sns] = ["slack", "sns"].map((name) => letterTo(name, message([finding()], { id: "1" })));
    const fallbacks = { slack: "sns" };
    const outages = new Map([["slack", failedAgain(null, down("channel/unavailable"), noon - hour)]]);
    const kept = () => {
      const { receipts } = receiptBook();
      return () => receipts();
    };

    it.each([true, false])("is told once: in one run or in two (%s)", async (isOneRun) => {
      const { log, refused, all } = post("slack", "sns");
      const receipts = kept();
      refused.set("slack", down("channel/unavailable"));
      const mail = [slack, sns] as [Letter, Letter];
      if (isOneRun) await all(mail, { fallbacks, outages, receipts });
      else for (const one of [mail[1], mail[0]]) await all([one], { fallbacks, outages, receipts });
      expect(log.filter((line) => line === "sns gets 1")).toHaveLength(1);
      expect(log).toContain("told 1/slack");
    });

    it.each(["channel/unavailable", "channel/refused"] as const)(
      "has not heard of it while its own letter still waits (%s): the other letter waits too, and nobody says it went there",
      async (code) => {
        const { log, refused, all } = post("slack", "sns");
        const receipts = kept();
        refused.set("slack", down("channel/unavailable"));
        refused.set("sns", down(code));
        const both = [slack, sns] as Letter[];
        const { deliveries } = await all(both, { fallbacks, outages, receipts });
        expect(log.filter((line) => line.startsWith("told"))).toEqual([]);
        expect(deliveries.map(({ ok, insteadTo }) => [ok, insteadTo])).toEqual([
          [false, undefined],
          [false, undefined],
        ]);
        refused.delete("slack");
        await all(both, { fallbacks, receipts });
        expect(log.filter((line) => line.startsWith("told"))).toEqual(["told 1/slack"]);
        refused.clear();
        await all([sns] as Letter[], { fallbacks, receipts });
        expect(log.at(-1)).toBe("told 1/sns");
      },
    );

    it("is told what the route did not tell it, under an id of its own", async () => {
      const { channels, refused, all } = post("slack", "sns");
      const got: Message[] = [];
      channels.set("sns", { name: "sns", send: async (one) => void got.push(one) });
      refused.set("slack", down("channel/unavailable"));
      const two = message([finding({ id: "a" }), finding({ id: "b" })], { id: "2" });
      const own = letterTo("sns", message([finding({ id: "b" })], { id: "3" }));
      await all([letterTo("slack", two), own], { fallbacks, outages });
      expect(got.map(({ findings }) => findings.map(({ id }) => id))).toEqual([["b"], ["a"]]);
      expect(new Set(["2", "3", ...got.map(({ id }) => id)]).size).toBe(3);
    });

    it("is not told of the beginning after it was told of the end", async () => {
      const { log, refused, all } = post("slack", "sns");
      const receipts = kept();
      refused.set("slack", down("channel/unavailable"));
      const over = letterTo("sns", message([finding()], { id: "over", reason: "resolved", at: at + 1 }));
      await all([over], { fallbacks, outages, receipts });
      await all([slack] as Letter[], { fallbacks, outages, receipts });
      expect(log).toEqual(["sns gets over", "told over/sns", "slack gets 1", "told 1/slack"]);
    });

    it("is told once, where two channels have it for a fallback", async () => {
      const { log, refused, all } = post("slack", "other", "sns");
      const receipts = kept();
      for (const name of ["slack", "other"]) refused.set(name, down("channel/unavailable"));
      const both = new Map(["slack", "other"].flatMap((name) => [...outages].map(([, one]) => [name, one] as const)));
      const settings = { fallbacks: { slack: "sns", other: "sns" }, outages: both, receipts };
      await all(
        ["slack", "other"].map((name) => letterTo(name, slack?.message as Message)),
        settings,
      );
      expect(log.filter((line) => line === "sns gets 1")).toHaveLength(1);
      expect(log.filter((line) => line.startsWith("told")).sort()).toEqual(["told 1/other", "told 1/slack"]);
    });
  });

  it("a fallback of several channels gets one message at a time", async () => {
    const names = ["a", "b", "c"];
    const { channels, refused, all } = post(...names, "sns");
    let [now, most] = [0, 0];
    channels.set("sns", {
      name: "sns",
      async send() {
        most = Math.max(most, ++now);
        await new Promise(setImmediate);
        now -= 1;
      },
    });
    for (const name of names) refused.set(name, down("channel/unavailable"));
    const outages = new Map(names.map((name) => [name, failedAgain(null, down("channel/unavailable"), noon - hour)]));
    const mail = names.flatMap((name) => letters(name, `${name}1`, `${name}2`));
    const { deliveries } = await all(mail, { outages, fallbacks: { a: "sns", b: "sns", c: "sns" } });
    expect([deliveries.filter(({ ok }) => ok).length, most]).toEqual([6, 1]);
  });

  it.each(["channel/unavailable", "channel/refused"] as const)(
    "letters that their channel never takes (%s) cost the others a few runs, and not their delivery",
    async (code) => {
      const { log, refused, all } = post("slack");
      let waiting = letters("slack", "bad1", "bad2", "bad3", "bad4", "bad5", "bad6", "7", "8");
      for (let n = 1; n <= 6; n++) refused.set(`slack bad${n}`, down(code));
      let outages = new Map<string, Failure>();
      const told: number[] = [];
      for (let run = 0; run < 40; run++) {
        const done = await all([...waiting], { outages, now: noon + run * hour });
        const failures = new Map(done.failures);
        waiting = waiting.map((one) => ({ ...one, failure: failures.get(one.id) ?? one.failure }) as Letter);
        for (const { letter, ok } of done.deliveries) {
          if (ok) waiting = waiting.filter(({ id }) => id !== letter.id);
        }
        for (const [name, one] of done.outages) {
          if (one === null) outages.delete(name);
          else outages = new Map([[name, one]]);
        }
        told.push(log.filter((line) => line.startsWith("told")).length);
        if (run > 25 && run < 39) waiting.push(...letters("slack", `late${run}`));
      }
      expect(waiting.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6].map((n) => `bad${n}/slack`));
      expect(told.indexOf(2)).toBeLessThanOrEqual(20);
      expect(outages.size).toBe(0);
    },
  );

  it("a letter that its channel never takes is tried again when the channel is back from an outage", async () => {
    const { log, all } = post("slack");
    const failed = (attempts: number, since: number): Failure => ({
      ...failedAgain(null, down("channel/unavailable"), since),
      attempts,
      next: since + hour,
    });
    const [old, fresh] = letters("slack", "old", "new") as [Letter, Letter];
    const mail = [{ ...old, failure: failed(7, noon - 30 * minute) }, fresh];
    await all(mail, { outages: new Map([["slack", { ...failed(9, noon - 2 * hour), next: noon }]]) });
    expect(log.filter((line) => line.startsWith("slack"))).toEqual(["slack gets new", "slack gets old"]);
  });
});
