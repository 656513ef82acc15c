import { describe, expect, it } from "vitest";
import { ScoutError } from "../lib/errors.ts";
import type { Store } from "../lib/remember/store.ts";
import { blocked, connected, found, minute, noon, requested, world } from "./scout-make.ts";

const later = noon + 15 * minute;
/** A world that learned until noon, with one new destination after it. */
async function learned() {
  const one = world(requested("known.example.com", [noon - 60 * minute, later - 2 * minute]));
  expect(await one.run(noon)).toMatchObject({ mode: "learn", findings: [], deliveries: [] });
  one.telemetry.stored.push(requested("new.example.com", [later - 5 * minute, later - 4 * minute]));
  return one;
}
/** Puts something before a method of the store. */
function before<K extends keyof Store>(store: Store, name: K, work: () => void): void {
  const plain = store[name] as (...args: unknown[]) => unknown;
  store[name] = ((...args: unknown[]) => {
    work();
    return plain(...args);
  }) as Store[K];
}
const away = (code: "store/unavailable" | "channel/unavailable" | "prometheus/unavailable") => (): never => {
  throw new ScoutError(code, "it is away");
};

describe("scout", () => {
  it("learns first, then finds what is new and tells its owner, and then finds nothing", async () => {
    const one = await learned();
    const scan = await one.run(later);
    expect(found(scan)).toEqual(["new-destination new.example.com:80 x2"]);
    expect(scan).toMatchObject({ mode: "watch", window: { from: noon, to: later }, observations: 2, known: 1 });
    expect(scan.deliveries.map(({ letter, ok }) => [letter.channel, letter.message.team, ok])).toEqual([
      ["slack", "shop", true],
    ]);
    expect(scan.findings[0]).toMatchObject({ owner: { team: "shop" }, summary: expect.stringContaining("2 requests") });
    expect(await one.run(later + 15 * minute)).toMatchObject({ findings: [], deliveries: [] });
    expect(one.sent).toHaveLength(1);
  });

  it("remembers before it sends: sightings, how far it came, and the letter itself", async () => {
    const one = await learned();
    let seen = 0;
    one.onSend = async (channel, id) => {
      seen += 1;
      expect((await one.store.letters("prod")).map((letter) => [letter.channel, letter.message.id])).toEqual([
        [channel, id],
      ]);
      expect(await one.store.progress("prod")).toMatchObject({ end: later });
      expect([...(await one.store.recall("prod")).values()].map(({ destination }) => destination.host).sort()).toEqual([
        "known.example.com",
        "new.example.com",
      ]);
    };
    await one.run(later);
    expect(seen).toBe(1);
    expect(await one.store.letters("prod")).toEqual([]);
  });

  it("keeps a letter that a channel did not take, and sends it in the next run with the same id", async () => {
    const one = await learned();
    const tried: string[] = [];
    one.onSend = (_, id) => {
      tried.push(id);
      if (tried.length === 1) away("channel/unavailable")();
    };
    const first = await one.run(later);
    expect(first.deliveries).toMatchObject([{ ok: false, error: { code: "channel/unavailable" } }]);
    expect(first.findings).toHaveLength(1);
    const next = await one.run(later + minute);
    expect(next.findings).toEqual([]);
    expect(next.deliveries).toMatchObject([{ ok: true, letter: first.deliveries[0]?.letter }]);
    expect(new Set(tried).size).toBe(1);
    expect(one.sent).toHaveLength(1);
    expect((await one.run(later + 2 * minute)).deliveries).toEqual([]);
  });

  it("sends nothing where it cannot remember, and finds the same in the next run", async () => {
    const one = await learned();
    const { remember } = one.store;
    one.store.remember = async () => away("store/unavailable")();
    await expect(one.run(later)).rejects.toMatchObject({ code: "store/unavailable" });
    expect(one.sent).toEqual([]);
    one.store.remember = remember;
    const scan = await one.run(later + minute);
    expect(scan.window.from).toBe(noon);
    expect(found(scan)).toEqual(["new-destination new.example.com:80 x2"]);
  });

  it("remembers nothing of a window that Prometheus did not answer for, and lets the next run begin", async () => {
    const one = await learned();
    const progress = await one.store.progress("prod");
    one.telemetry.refuse = away("prometheus/unavailable");
    await expect(one.run(later)).rejects.toMatchObject({ code: "prometheus/unavailable" });
    expect(await one.store.progress("prod")).toEqual(progress);
    one.telemetry.refuse = () => {};
    expect(found(await one.run(later + minute))).toEqual(["new-destination new.example.com:80 x2"]);
  });

  it("touches nothing in a dry run, and says what it would have sent", async () => {
    const one = await learned();
    for (const name of ["lease", "remember", "told"] as const) before(one.store, name, () => expect.unreachable(name));
    one.onSend = () => expect.unreachable("sent");
    const dry = await one.run(later, { dryRun: true });
    expect(dry.wouldSend?.map(({ channel, message }) => [channel, message.findings.length])).toEqual([["slack", 1]]);
    expect(await one.run(later, { dryRun: true })).toEqual({ ...dry, queries: expect.any(Number) });
  });

  it("leaves letters of earlier runs alone in a dry run", async () => {
    const one = await learned();
    one.onSend = away("channel/unavailable");
    await one.run(later);
    one.onSend = () => expect.unreachable("sent");
    const dry = await one.run(later + minute, { dryRun: true });
    expect(dry).toMatchObject({ deliveries: [], wouldSend: [] });
    expect(await one.store.letters("prod")).toHaveLength(1);
  });

  it("loses no message and changes no id, wherever it is cut off", async () => {
    const steps = ["remember", "letters", "told", "progress", "recall"] as const;
    for (const step of steps) {
      for (const isAfter of [false, true]) {
        const one = await learned();
        const plain = one.store[step] as (...args: unknown[]) => Promise<unknown>;
        let cut = true;
        const cutOff = async (...args: unknown[]) => {
          if (!cut) return await plain(...args);
          cut = false;
          if (isAfter) await plain(...args);
          return away("store/unavailable")();
        };
        Object.assign(one.store, { [step]: cutOff });
        await expect(one.run(later)).rejects.toThrow();
        await one.run(later);
        await one.run(later + minute);
        expect([step, isAfter, one.sent.length > 0, new Set(one.sent).size]).toEqual([step, isAfter, true, 1]);
        expect(one.sent.length).toBeLessThanOrEqual(2);
        expect(await one.store.letters("prod")).toEqual([]);
      }
    }
  });

  it("lets two runs at once find a thing once", async () => {
    const one = await learned();
    const both = await Promise.all([one.run(later), one.run(later)]);
    expect(both.map((scan) => scan.findings.length).sort()).toEqual([0, 1]);
    expect(one.sent).toHaveLength(1);
  });

  it("tells each finding's channels and the routes', and says which channel the config does not have", async () => {
    const one = await learned();
    one.telemetry.stored.push(connected("203.0.113.7:25", [later - minute], blocked));
    const routes = [{ match: { severity: "warning" }, channels: ["sns", "pigeon"] }];
    const { deliveries, warnings } = await one.run(later, { routes });
    expect(deliveries.map(({ letter }) => [letter.channel, letter.message.findings.length])).toEqual([
      ["slack", 2],
      ["sns", 1],
    ]);
    expect(warnings).toEqual(["messages wait for the channel pigeon, which the config does not have"]);
    expect((await one.store.letters("prod")).map((letter) => letter.channel)).toEqual(["pigeon"]);
  });

  it("passes on what Prometheus warned of and how often it was asked; a DNS outage costs a name and no finding", async () => {
    const one = await learned();
    one.telemetry.stored.push(connected("203.0.113.7:25", [later - minute]));
    one.telemetry.warnings = ["store 3 is away"];
    one.parts.resolver.reverse = async () => ({ status: "failed", why: "ESERVFAIL from 192.0.2.53:53" });
    const scan = await one.run(later);
    expect(scan.warnings).toEqual(["store 3 is away", expect.stringMatching(/^dns: .*ESERVFAIL/)]);
    expect(scan.queries).toBe(one.telemetry.questions.length);
    expect(scan.findings.map((finding) => [finding.destination.address, finding.names])).toContainEqual([
      "203.0.113.7",
      [],
    ]);
  });

  it("proposes with what is new the ports that were known before", async () => {
    const one = await learned();
    one.telemetry.stored.push(requested("known.example.com:8080", [later - minute]));
    const scan = await one.run(later);
    const other = scan.findings.find((finding) => finding.destination.port === 8080);
    expect(other?.suggestions[0]?.manifest).toMatchObject({ spec: { ports: [{ number: 80 }, { number: 8080 }] } });
  });
});
