/** What every store does, run on each adapter. */
import { afterEach, describe, expect, it } from "vitest";
import type { Letter, Sighting } from "../../lib/model.ts";
import { nothingNew, type Progress, type Store } from "../../lib/remember/store.ts";
import { finding } from "../notify/sample.ts";

export interface OpenStores {
  /** Opens the one state of this test; again opens it a second time, as another process would. */
  open(): Promise<Store>;
  clean(): Promise<void>;
}

export const sighting = (key: string, over: Partial<Sighting> = {}): Sighting => ({
  key,
  source: { cluster: "prod", namespace: "shop", workload: "web" },
  destination: {
    verdict: "allowed",
    protocol: "http",
    host: `${key}.example.com`,
    address: null,
    port: 80,
    sni: null,
    claim: null,
  },
  firstSeen: 1_700_000_000_000,
  lastSeen: 1_700_000_060_000,
  count: 3,
  total: 3,
  ...over,
});

export const letter = (id: string): Letter => ({
  id,
  channel: "slack",
  message: { id: "msg-1", cluster: "prod", team: "a", reason: "first", at: 5, findings: [] },
});

const progress = (end: number, learningSince: number | null = null, judgedUntil: number | null = null): Progress => ({
  end,
  learningSince,
  judgedUntil,
});

export function storeContract(name: string, make: () => Promise<OpenStores>): void {
  describe(`store: ${name}`, () => {
    const made: { opened: OpenStores; stores: Store[] }[] = [];
    const begin = async () => {
      const opened = await make();
      const stores: Store[] = [];
      made.push({ opened, stores });
      return async () => {
        const store = await opened.open();
        stores.push(store);
        return store;
      };
    };
    afterEach(async () => {
      for (const { opened, stores } of made.splice(0)) {
        for (const store of stores) await store.close();
        await opened.clean();
      }
    });

    it("knows nothing at first", async () => {
      const store = await (await begin())();
      expect(await store.progress("prod")).toBeNull();
      expect((await store.recall("prod")).size).toBe(0);
      expect(await store.letters("prod")).toEqual([]);
    });

    it("gives back what was remembered, to any process, cluster by cluster", async () => {
      const open = await begin();
      const address = {
        verdict: "blocked",
        protocol: "tcp",
        host: null,
        address: "203.0.113.4",
        port: null,
        sni: null,
        claim: 'a "b"',
      } as const;
      const all = [sighting("one"), sighting("two", { destination: address, count: 0, total: 0.5 })];
      await (await open()).remember("prod", {
        ...nothingNew(progress(7, 3, 9)),
        sightings: all,
        letters: [letter("l1")],
      });
      const other = await open();
      expect([...(await other.recall("prod")).values()]).toEqual(all);
      expect(await other.progress("prod")).toEqual(progress(7, 3, 9));
      expect(await other.letters("prod")).toEqual([letter("l1")]);
      expect((await other.recall("staging")).size).toBe(0);
      expect(await other.letters("staging")).toEqual([]);
    });

    it("replaces a sighting that is written again", async () => {
      const store = await (await begin())();
      await store.remember("prod", { ...nothingNew(progress(1)), sightings: [sighting("one")] });
      await store.remember("prod", { ...nothingNew(progress(2)), sightings: [sighting("one", { count: 9 })] });
      expect((await store.recall("prod")).get("one")?.count).toBe(9);
      expect(await store.progress("prod")).toEqual(progress(2));
    });

    it("keeps letters, oldest first and each once, until they are told", async () => {
      const store = await (await begin())();
      await store.remember("prod", { ...nothingNew(progress(1)), letters: [letter("b"), letter("a")] });
      await store.remember("prod", { ...nothingNew(progress(2)), letters: [letter("b"), letter("c")] });
      expect((await store.letters("prod")).map((one) => one.id)).toEqual(["b", "a", "c"]);
      await store.told("prod", "b");
      await store.told("prod", "never there");
      expect((await store.letters("prod")).map((one) => one.id)).toEqual(["a", "c"]);
    });

    it("keeps findings open until they are closed, and habits as they were written last", async () => {
      const open = await begin();
      const store = await open();
      const [one, two] = [finding({ id: "one" }), finding({ id: "two" })];
      const habit = (key: string, ...bytes: number[]) => ({ key, state: Uint8Array.from(bytes) });
      await store.remember("prod", {
        ...nothingNew(progress(1)),
        opened: [one, two],
        habits: [habit("a", 1, 2), habit("b", 3)],
      });
      const changed = { ...two, count: 99 };
      await store.remember("prod", {
        ...nothingNew(progress(2)),
        opened: [changed],
        closed: ["one", "never there"],
        habits: [habit("a", 0, 255)],
      });
      const other = await open();
      expect([...(await other.open("prod"))]).toEqual([["two", changed]]);
      expect([...(await other.habits("prod")).values()].map((habit) => [habit.key, [...habit.state]])).toEqual([
        ["a", [0, 255]],
        ["b", [3]],
      ]);
      expect([(await other.open("staging")).size, (await other.habits("staging")).size]).toEqual([0, 0]);
    });

    it("lets one run at a time have a cluster; other clusters need not wait", async () => {
      const open = await begin();
      const store = await open();
      const first = await store.lease("prod", 0);
      const order: string[] = [];
      const second = store.lease("prod", 10_000).then(async (lease) => {
        order.push("second");
        await lease.release();
      });
      await (await store.lease("staging", 0)).release();
      order.push("first done");
      await first.release();
      await second;
      expect(order).toEqual(["first done", "second"]);
    });

    it("remembers 20,000 sightings at once", async () => {
      const store = await (await begin())();
      const many = Array.from({ length: 20_000 }, (_, index) => sighting(`key-${index}`));
      await store.remember("prod", { ...nothingNew(progress(1)), sightings: many });
      expect((await store.recall("prod")).size).toBe(20_000);
    });
  });
}
