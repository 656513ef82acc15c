import { describe, expect, it } from "vitest";
import { ScoutError } from "../../lib/errors.ts";
import type { Channel } from "../../lib/notify/channel.ts";
import { type Delivery, deliver, letterTo } from "../../lib/notify/deliver.ts";
import { receiptsIn } from "../../lib/notify/receipts.ts";
import { refresh } from "../../lib/notify/refresh.ts";
import { memory } from "../../lib/remember/memory.ts";
import { finding, message } from "./sample.ts";

/** A channel that keeps the id of what it is sent, and then fails where it is told to. */
function keeper(name: string, error: Error | null = null) {
  const refreshed: string[][] = [];
  const channel: Channel = {
    name,
    async send({ findings }, receipts) {
      await receipts?.keep(new Map(findings.map(({ id }) => [id, `receipt of ${id}`])));
      if (error !== null) throw error;
    },
    async refresh({ open }, receipts) {
      const known = [...(await receipts.all()).keys()].filter((id) => open.has(id));
      refreshed.push(known.sort());
      if (error !== null) throw error;
    },
  };
  return { channel, refreshed };
}

const down = new ScoutError("channel/unavailable", "it is down");
const refused = new ScoutError("channel/refused", "not so");
const failed = (channel: string, error: ScoutError): Delivery => ({
  letter: letterTo(channel, message([finding()])),
  ok: false,
  error,
});

function run(...all: { channel: Channel }[]) {
  const store = memory();
  const channels = new Map(all.map(({ channel }) => [channel.name, channel]));
  const receipts = receiptsIn(store, "prod", 7);
  return {
    store,
    send: (ids: string[]) =>
      deliver(
        [...channels.keys()].map((name) => letterTo(name, message(ids.map((id) => finding({ id }))))),
        {
          ...{ channels, receipts, outages: new Map(), fallbacks: {}, now: 7, budget: 10_000 },
          told: async () => {},
        },
      ),
    again: (open: string[], deliveries: Delivery[] = []) =>
      refresh(
        {
          cluster: "prod",
          at: 7,
          channels,
          standing: async () => ({ open: new Set(open), silenced: new Set() }),
          receipts,
        },
        deliveries,
      ),
  };
}

describe("notify/refresh", () => {
  it("tells each channel that wants it what is open; each has its own receipts", async () => {
    const [one, other] = [keeper("one"), keeper("other")];
    const silent: Channel = { name: "silent", send: async () => {} };
    const { send, again } = run(one, other, { channel: silent });
    await send(["f-1", "f-2"]);
    expect(await again(["f-2", "f-3"])).toEqual([]);
    expect([one.refreshed, other.refreshed]).toEqual([[["f-2"]], [["f-2"]]]);
  });

  it("does not ask what is open where nobody wants to know", async () => {
    const asked = async () => Promise.reject(new Error("asked"));
    const channels = new Map([["silent", { name: "silent", send: async () => {} }]]);
    const receipts = receiptsIn(memory(), "prod", 7);
    expect(await refresh({ cluster: "prod", at: 7, channels, standing: asked, receipts }, [])).toEqual([]);
  });

  it("leaves a channel alone that is down, and not one that refused a letter", async () => {
    const [one, other] = [keeper("one"), keeper("other")];
    await run(one, other).again([], [failed("one", down), failed("other", refused)]);
    expect([one.refreshed.length, other.refreshed.length]).toEqual([0, 1]);
  });

  it("one that fails is a delivery that failed, of no finding, and holds up no other", async () => {
    const [one, other] = [keeper("one", down), keeper("other")];
    const deliveries = await run(one, other).again([]);
    expect(deliveries).toMatchObject([
      { letter: { channel: "one", message: { findings: [] } }, ok: false, error: down },
    ]);
    expect(other.refreshed).toHaveLength(1);
  });

  it("keeps what a channel kept before it failed", async () => {
    const { store, send } = run(keeper("one", down));
    expect(await send(["f-1"])).toMatchObject({ deliveries: [{ ok: false }] });
    expect([...(await store.receipts("prod", "one"))]).toEqual([["f-1", "receipt of f-1"]]);
  });
});
