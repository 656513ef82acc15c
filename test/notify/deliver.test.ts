import { describe, expect, it } from "vitest";
import { type ErrorCode, ScoutError } from "../../lib/errors.ts";
import type { Letter } from "../../lib/model.ts";
import type { Channel } from "../../lib/notify/channel.ts";
import { deliver, letterTo, type Sending } from "../../lib/notify/deliver.ts";
import { message } from "./sample.ts";

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
});
