/** Whole runs: what is told again, what waits, and whom else is told. */
import { describe, expect, it } from "vitest";
import { type ErrorCode, ScoutError } from "../lib/errors.ts";
import type { Message } from "../lib/model.ts";
import { policiesOf } from "../lib/policy/index.ts";
import type { Store } from "../lib/remember/store.ts";
import type { Order, Scan } from "../lib/scout.ts";
import type { NotifySettings } from "../lib/tell.ts";
import { day, hour, minute, noon, requested, usualNotify, type World, world } from "./scout-make.ts";

const every = (step: number, from: number, until: number) =>
  Array.from({ length: Math.ceil((until - from) / step) }, (_, n) => from + n * step);
/** A host that a policy denies, called every half hour in that time. */
const forbidden = (host: string, until = noon + 2 * day) =>
  requested(host, every(hour / 2, noon + minute, until), {}, until);

const policies = policiesOf([{ name: "p", deny: ["*.bad.example"] }]);
type Change = Partial<Omit<Order, "notify">> & { notify?: Partial<NotifySettings> };

/** A mesh that was learned until noon; what its channels got, and runs with a policy and settings of one's own. */
async function mesh(...stored: Parameters<typeof world>) {
  const one: World = world(requested("known.example.com", [noon - hour]), ...stored);
  const got: { channel: string; message: Message }[] = [];
  const down = new Map<string, ErrorCode>();
  for (const name of ["slack", "sns"]) {
    one.parts.channels = new Map([...one.parts.channels]).set(name, {
      name,
      async send(message) {
        const code = down.get(name);
        if (code !== undefined) throw new ScoutError(code, `${name} is away`);
        got.push({ channel: name, message });
      },
    });
  }
  await one.run(noon);
  const run = async (to: number, { notify, ...change }: Change = {}): Promise<Scan> =>
    await one.run(to, { policies, ...change, notify: { ...usualNotify, ...notify } });
  const texts = () =>
    got.map(({ channel, message }) => {
      const hosts = message.findings.map((found) => found.destination.host ?? "?").sort();
      return `${channel} ${message.reason} ${hosts.join(" ")}`;
    });
  return { ...one, got, down, run, texts };
}

describe("an open finding", () => {
  it("is told again after a day, two and four, and then no more; the run does not call it its own", async () => {
    const { run, got, texts } = await mesh(forbidden("a.bad.example", noon + 9 * day));
    const told: number[] = [];
    for (const at of every(6 * hour, noon + hour, noon + 9 * day)) {
      const { findings } = await run(at);
      if (findings.length > 0) expect(at).toBe(noon + hour);
      while (told.length < got.length) told.push((at - noon - hour) / day);
    }
    expect(told).toEqual([0, 1, 3, 7]);
    expect(texts()).toEqual(["first", "repeat", "repeat", "repeat"].map((reason) => `slack ${reason} a.bad.example`));
    const messages = got.map(({ message }) => message);
    expect(new Set(messages.map(({ id }) => id)).size).toBe(4);
    expect(messages.map(({ findings }) => findings[0]?.count)).toEqual([2, 50, 146, 338]);
    expect(messages.at(-1)?.findings[0]).toMatchObject({
      owner: { team: "shop" },
      summary: expect.stringContaining("which a policy forbids: 338 requests"),
    });
  });

  it("that grew worse is told at once, as one of the run's findings", async () => {
    const flood = every(minute / 2, noon + 3 * hour, noon + 4 * hour);
    const calls = every(hour / 2, noon + minute, noon + 3 * hour);
    const { run, texts } = await mesh(requested("a.bad.example", [...calls, ...flood]), forbidden("b.bad.example"));
    for (const at of [1, 2, 3]) await run(noon + at * hour);
    expect(texts()).toEqual(["slack first a.bad.example b.bad.example"]);
    const scan = await run(noon + 4 * hour);
    expect(scan.findings.map(({ state, destination, count }) => [state, destination.host, count])).toEqual([
      ["open", "a.bad.example", 126],
    ]);
    expect(texts().slice(1)).toEqual(["slack changed a.bad.example"]);
    expect([...(scan.changed ?? [])]).toEqual([scan.findings[0]?.id]);
  });

  it("that is over and begins again is told anew, also while the first message still waits", async () => {
    const episodes = [noon + minute, noon + 5 * hour];
    const { run, texts, down, store } = await mesh(requested("a.bad.example", episodes));
    down.set("slack", "channel/unavailable");
    for (const at of [1, 3, 6, 8]) await run(noon + at * hour);
    expect(await store.letters("prod")).toHaveLength(4);
    down.clear();
    await run(noon + 9 * hour);
    expect(texts()).toEqual(["first", "resolved", "first", "resolved"].map((why) => `slack ${why} a.bad.example`));
  });

  it("is in the digest once it is quiet", async () => {
    const { run, texts } = await mesh(forbidden("a.bad.example", noon + 3 * day));
    const notify = { quietAfter: 0, digest: { every: "daily", at: "09:00", zone: "UTC" } } as const;
    for (const at of every(6 * hour, noon + hour, noon + 50 * hour)) await run(at, { notify });
    expect(texts()).toEqual(["slack first a.bad.example", "slack digest a.bad.example"]);
  });

  it("costs a quiet run nothing: no row but its own is written", async () => {
    const { run, store } = await mesh(requested("a.bad.example", [noon + minute]));
    await run(noon + 10 * minute);
    const remember = store.remember;
    store.remember = async (cluster, change) => {
      const { progress: _, ...rest } = change;
      expect(Object.values(rest).flat()).toEqual([]);
      await remember(cluster, change);
    };
    store.unsent = async () => expect.unreachable("unsent");
    await run(noon + 20 * minute);
  });
});

describe("quiet hours", () => {
  const quiet = { shop: { from: "22:00", to: "07:00", zone: "UTC", except: "critical" } } as const;
  const night = noon + 11 * hour;

  it("let messages wait until their end, and what is critical through", async () => {
    const { run, texts, store } = await mesh(
      requested("a.bad.example", [night - minute]),
      requested("new.example.com", [night - minute]),
    );
    const { deliveries } = await run(night, { notify: { quiet } });
    expect(texts()).toEqual(["slack first a.bad.example"]);
    expect(deliveries).toHaveLength(1);
    await run(noon + 19 * hour - minute, { notify: { quiet } });
    expect(await store.letters("prod")).toHaveLength(1);
    await run(noon + 19 * hour, { notify: { quiet } });
    expect(texts().slice(1)).toEqual(["slack resolved a.bad.example", "slack first new.example.com"]);
  });
});

describe("a channel that is down", () => {
  const fallbacks = { slack: "sns" };

  it("is tried later and later, and nothing of it is lost", async () => {
    const { run, down, texts, store } = await mesh(forbidden("a.bad.example"));
    down.set("slack", "channel/unavailable");
    for (const at of every(5 * minute, noon + 5 * minute, noon + 3 * hour)) {
      expect((await run(at)).deliveries).toMatchObject([{ ok: false, error: { code: "channel/unavailable" } }]);
    }
    expect((await store.outages("prod")).get("slack")).toMatchObject({ since: noon + 5 * minute, attempts: 8 });
    down.clear();
    await run(noon + 4 * hour);
    expect(texts()).toEqual(["slack first a.bad.example"]);
    expect([(await store.outages("prod")).size, await store.letters("prod")]).toEqual([0, []]);
  });

  it("has its letters told to its fallback after an hour, once; new ones at once", async () => {
    const { run, down, texts, store } = await mesh(
      forbidden("a.bad.example"),
      requested("new.example.com", [noon + 2 * hour]),
    );
    down.set("slack", "channel/unavailable");
    const runs = every(5 * minute, noon + 5 * minute, noon + 3 * hour);
    for (const at of runs) await run(at, { notify: { fallbacks } });
    expect(texts()).toEqual(["sns first a.bad.example", "sns first new.example.com"]);
    down.clear();
    await run(noon + 4 * hour, { notify: { fallbacks } });
    expect(texts()).toHaveLength(2);
    expect(await store.letters("prod")).toEqual([]);
  });

  it("is reported after a day: in every run, and once to the default owner's other channels", async () => {
    const { run, down, got } = await mesh(requested("a.bad.example", [noon + minute]));
    down.set("slack", "channel/refused");
    const notify = { others: ["slack", "sns"] };
    const warned: string[] = [];
    for (const at of every(hour, noon + hour, noon + 60 * hour)) warned.push(...(await run(at, { notify })).warnings);
    expect(got.map(({ channel, message }) => [channel, message.note, message.findings.length])).toEqual([
      ["sns", "slack could not be told since 2026-11-22 13:00 UTC: 2 messages wait.", 1],
    ]);
    expect(warned).toHaveLength(35);
    expect(new Set(warned).size).toBe(1);
    down.clear();
    expect((await run(noon + 61 * hour, { notify })).warnings).toEqual([]);
    expect(got.map(({ channel, message }) => `${channel} ${message.reason}`).slice(1)).toEqual([
      "slack first",
      "slack resolved",
    ]);
  });

  it("is forgotten to be so once nothing was sent to it for days: what is new waits its hour again", async () => {
    const again = noon + 5 * day;
    const { run, down, texts } = await mesh(
      requested("a.bad.example", [noon + minute], {}, noon + day),
      requested("new.example.com", [again]),
    );
    down.set("slack", "channel/unavailable");
    for (const at of [1, 2, 3]) await run(noon + at * hour, { notify: { fallbacks } });
    expect(texts()).toEqual(["sns first a.bad.example", "sns resolved a.bad.example"]);
    const { warnings, deliveries } = await run(again + minute, { notify: { fallbacks, others: ["sns"] } });
    expect([warnings, deliveries.length, texts().length]).toEqual([[], 1, 2]);
    await run(again + hour + minute, { notify: { fallbacks } });
    expect(texts().slice(2)).toEqual(["sns first new.example.com"]);
  });

  it("is not forgotten as long as something waits for it, however rare the runs are", async () => {
    const { run, down, texts } = await mesh(requested("a.bad.example", [noon + minute], {}, noon + day));
    down.set("slack", "channel/unavailable");
    await run(noon + hour, { notify: { fallbacks } });
    await run(noon + 5 * day, { notify: { fallbacks } });
    expect(texts()).toEqual(["sns first a.bad.example", "sns resolved a.bad.example"]);
  });

  it("so is one that the config no longer has", async () => {
    const one = await mesh(requested("a.bad.example", [noon + minute]));
    one.parts.owners = [{ team: "shop", channels: ["pigeon"] }];
    for (const at of every(hour, noon + hour, noon + 30 * hour)) await one.run(at, { notify: { others: ["sns"] } });
    expect(one.got.map(({ channel, message }) => [channel, message.note])).toEqual([
      ["sns", "pigeon could not be told since 2026-11-22 13:00 UTC: 2 messages wait."],
    ]);
  });
});

/** Cuts a run off before or after it calls that method of the store for the nth time; then the store is whole again. */
function cutOff(store: Store, step: keyof Store, isAfter: boolean, nth: number): () => void {
  const plain = store[step] as (...args: unknown[]) => Promise<unknown>;
  let calls = 0;
  Object.assign(store, {
    async [step](...args: unknown[]) {
      calls += 1;
      if (calls !== nth) return await plain(...args);
      if (isAfter) await plain(...args);
      throw new ScoutError("store/unavailable", "killed");
    },
  });
  return () => void Object.assign(store, { [step]: plain });
}
const steps = ["remember", "letters", "outages", "tellings", "told", "unsent"] as const;

describe("wherever a run is cut off", () => {
  it.each(steps)("at %s: a repeat that goes to a fallback is told under one id", async (step) => {
    for (const isAfter of [false, true]) {
      const { run, down, got, store } = await mesh(forbidden("a.bad.example", noon + 5 * hour));
      const notify = { fallbacks: { slack: "sns" }, repeat: 2 * hour };
      await run(noon + hour, { notify });
      down.set("slack", "channel/unavailable");
      const whole = cutOff(store, step, isAfter, 1);
      for (const at of [3, 3, 4]) await run(noon + at * hour, { notify }).catch(() => {});
      whole();
      await run(noon + 4.5 * hour, { notify });
      const repeats = got.filter(({ message }) => message.reason === "repeat");
      expect([isAfter, new Set(repeats.map(({ message }) => message.id)).size]).toEqual([isAfter, 1]);
      expect(new Set(repeats.map(({ channel }) => channel))).toEqual(new Set(["sns"]));
      expect(repeats.length).toBeLessThanOrEqual(2);
      expect(await store.letters("prod")).toEqual([]);
    }
  });
});
