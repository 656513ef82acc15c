import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ScoutError } from "../../lib/errors.ts";
import { deliver, letterTo } from "../../lib/notify/deliver.ts";
import { pause } from "../../lib/notify/post.ts";
import { slackWebhook } from "../../lib/notify/slack.ts";
import { channelContract } from "../contract/channel.ts";
import type { Receiver } from "../receivers/receiver.ts";
import { slackManifests, slackReceiver, slackSecret, slackUrl } from "../receivers/slack.ts";
import { finding, message } from "./sample.ts";

const name = "the-channel";
const secrets = [slackSecret, ...slackSecret.split("/")];

channelContract("slack", async ({ timeout }) => {
  const receiver = await slackReceiver();
  return {
    channel: slackWebhook({ name, url: slackUrl(receiver), timeout, wait: async () => {} }),
    receiver,
    secrets,
    manifests: slackManifests,
    text: (body) => JSON.stringify(JSON.parse(body)),
    tries: 2,
  };
});

describe("slack", () => {
  let receiver: Receiver;
  let waits: number[];
  beforeEach(async () => {
    receiver = await slackReceiver();
    waits = [];
  });
  afterEach(() => receiver.close());

  const open = () => slackWebhook({ name, url: slackUrl(receiver), wait: async (ms) => void waits.push(ms) });
  const failure = async (sent: Promise<void>): Promise<ScoutError> => {
    const thrown = await sent.catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(ScoutError);
    return thrown as ScoutError;
  };

  it("waits as long as Slack says and tries once more", async () => {
    receiver.retryAfter = "3";
    receiver.behave("rate-limited");
    await open().send(message([finding()]));
    expect(waits).toEqual([3000]);
    expect(receiver.taken).toHaveLength(1);
  });

  it("a message whose turn had not come when the time was up is not sent after it, and is no failure", async () => {
    const turn = Promise.withResolvers<void>();
    const channel = slackWebhook({ name, url: slackUrl(receiver), wait: () => turn.promise });
    const letters = ["1", "2", "3"].map((id) => letterTo(name, message([finding({ id })], { id })));
    const now = Date.UTC(2026, 10, 22);
    const known = { channels: new Map([[name, channel]]), outages: new Map(), fallbacks: {} };
    const { deliveries, left, failures, outages } = await deliver(letters, {
      ...known,
      told: async () => {},
      now,
      budget: 2_000,
    });
    expect(deliveries.map(({ letter, ok }) => [letter.id, ok])).toEqual([[`1/${name}`, true]]);
    expect([left.map(({ id }) => id), failures, outages]).toEqual([[`2/${name}`, `3/${name}`], [], []]);
    turn.resolve();
    await channel.send(message([finding()], { id: "later" }));
    expect(receiver.taken).toHaveLength(2);
  });

  it("waits a second after a fault and tries once more", async () => {
    receiver.behave("server-error");
    await open().send(message([finding()]));
    expect(waits).toEqual([1000]);
    expect(receiver.got).toHaveLength(2);
  });

  it("leaves a longer pause to the next run, and says how long it is", async () => {
    receiver.retryAfter = "30";
    receiver.behave("rate-limited");
    const error = await failure(open().send(message([finding()])));
    expect(error.message).toBe(`channel ${name}: ${receiver.url} has too much to do, to be tried again in 30 s`);
    expect(waits).toEqual([]);
    expect(receiver.got).toHaveLength(1);
  });

  it.each(["", "soon", "-1", "1e9", "Wed, 21 Oct 2026 07:28:00 GMT"])(
    "does not wait for a Retry-After of %j",
    async (value) => {
      receiver.retryAfter = value;
      receiver.behave("rate-limited");
      expect((await failure(open().send(message([finding()])))).code).toBe("channel/rate-limited");
      expect(waits).toEqual([]);
    },
  );

  it.each(["refuse", "html", "not-ok", "half", "reset", "redirect"] as const)(
    "does not try again after %s",
    async (how) => {
      receiver.behave(how);
      await failure(open().send(message([finding()])));
      expect(waits).toEqual([]);
      expect(receiver.got).toHaveLength(1);
    },
  );

  it("tells Slack's reason, short and printable, and what to do", async () => {
    receiver.behave({ status: 403, body: `action_prohibited\u001b[31m ${"x".repeat(500)}` });
    const error = await failure(open().send(message([finding()])));
    expect(error.message).toContain(
      `${receiver.url} refused the message: status 403, "action_prohibited\\u001b[31m xxx`,
    );
    expect(error.message.length).toBeLessThan(330);
    expect(error.mend).toContain("ask who runs it");
  });

  it("reads no more of an answer than its beginning", async () => {
    receiver.behave("flood");
    const error = await failure(open().send(message([finding()])));
    expect(error.code).toBe("channel/refused");
  });

  it.each([
    "nonsense",
    "",
    "ftp://hooks.slack.com/services/T/B/xyz12345",
    "https://user:xyz12345@hooks.slack.com/services",
  ])("refuses the URL %j when sending, and does not repeat it", async (url) => {
    const error = await failure(slackWebhook({ name, url }).send(message([finding()])));
    expect(error.code).toBe("channel/refused");
    expect(error.message).toBe("channel the-channel: the webhook is no http(s) URL");
  });

  it("leaves a second between messages, whoever asks at once", async () => {
    const gotBefore: number[] = [];
    const wait = async (ms: number) => void gotBefore.push(ms, receiver.got.length);
    const channel = slackWebhook({ name, url: slackUrl(receiver), wait });
    await Promise.all([1, 2, 3].map((n) => channel.send(message([finding({ id: `f-${n}` })]))));
    expect([...gotBefore, receiver.got.length]).toEqual([1000, 1, 1000, 2, 3]);
  });

  it.each([
    ["7200", 7_200_000],
    ["soon", null],
    ["Sun, 22 Nov 2026 13:00:00 GMT", 3_600_000],
    ["Sunday, 22-Nov-26 13:00:00 GMT", 3_600_000],
    ["Sun, 22 Nov 2026 11:00:00 GMT", null],
  ])("says in its error for how long Retry-After: %s asks to be left alone", async (value, ms) => {
    const headers = { "retry-after": value, date: "Sun, 22 Nov 2026 12:00:00 GMT" };
    receiver.behave({ status: 429, headers, body: "rate_limited" });
    const error = await failure(open().send(message([finding()])));
    expect([error.code, error.retryAfter]).toEqual(["channel/rate-limited", ms]);
    expect(waits).toEqual([]);
  });

  it("is interrupted while it sends, and while it waits", async () => {
    const while1 = new AbortController();
    receiver.behave("hang");
    const sending = slackWebhook({ name, url: slackUrl(receiver), signal: while1.signal }).send(message([finding()]));
    void receiver.gets(1).then(() => while1.abort());
    expect((await failure(sending)).code).toBe("interrupted");

    const while2 = new AbortController();
    receiver.retryAfter = "5";
    receiver.behave("rate-limited");
    const wait = async (ms: number, signal?: AbortSignal) => {
      while2.abort();
      await pause(ms, signal);
    };
    const waiting = slackWebhook({ name, url: slackUrl(receiver), signal: while2.signal, wait }).send(
      message([finding()]),
    );
    expect((await failure(waiting)).code).toBe("interrupted");
    expect(receiver.taken).toEqual([]);
  });
});
