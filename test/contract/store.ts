/** What every store does, run on each adapter. */
import { afterEach, describe, expect, it } from "vitest";
import type {
  Answer,
  AskedRun,
  Failure,
  Letter,
  Name,
  Sighting,
  Telling,
  ToldFinding,
  Verdict,
} from "../../lib/model.ts";
import {
  answersKept,
  mostFindings,
  nothingNew,
  type Progress,
  receiptsKept,
  type Store,
} from "../../lib/remember/store.ts";
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
  name: null,
  namedAt: null,
  ...over,
});

export const answer = (question: string, over: Partial<Answer> = {}): Answer => ({
  question,
  values: ["203.0.113.7"],
  at: 1_700_000_000_000,
  until: 1_700_000_060_000,
  seen: [["203.0.113.7", 1_700_000_000_000]],
  ...over,
});

export const letter = (id: string): Letter => ({
  id,
  channel: "slack",
  message: { id: "msg-1", cluster: "prod", team: "a", reason: "first", at: 5, findings: [] },
});

export const verdict = (id: string, over: Partial<Verdict> = {}): Verdict => ({
  id,
  verdict: "expected",
  until: 1_700_000_000_000,
  reason: 'the "new" CDN',
  by: "ada",
  at: 1_600_000_000_000,
  ...over,
});

export const toldFinding = (id: string, over: Partial<ToldFinding> = {}): ToldFinding => {
  const { source, destination } = sighting(id);
  return { id, key: `key-${id}`, kind: "new-destination", source, destination, team: "shop", at: 1, ...over };
};

const week = 7 * 24 * 60 * 60_000;
export const askedRun = (id: string, over: Partial<AskedRun> = {}): AskedRun => {
  const usual = { cluster: "prod", state: "queued", by: "api", at: 0, document: null, fault: null } as const;
  return { id, ...usual, changed: over.at ?? 0, ...over };
};

const progress = (end: number, learningSince: number | null = null, judgedUntil: number | null = null): Progress => ({
  end,
  learningSince,
  judgedUntil,
});

const byQuestion = (answers: ReadonlyMap<string, Answer>): Answer[] =>
  [...answers]
    .map(([question, one]) => {
      expect(one.question).toBe(question);
      return one;
    })
    .sort((one, other) => (one.question < other.question ? -1 : 1));

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
      expect((await store.answers("prod")).size).toBe(0);
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

    it("rehearses a write, and leaves nothing of it", async () => {
      const open = await begin();
      const store = await open();
      await store.rehearse("new");
      expect(await store.progress("new")).toBeNull();
      await store.remember("prod", {
        ...nothingNew(progress(7)),
        sightings: [sighting("one")],
        letters: [letter("l1")],
      });
      await store.rehearse("prod");
      for (const one of [store, await open()]) {
        expect(await one.letters("prod")).toEqual([letter("l1")]);
        expect(await one.progress("prod")).toEqual(progress(7));
        expect((await one.recall("prod")).size).toBe(1);
        expect(await one.letters("new")).toEqual([]);
      }
    });

    it("replaces a sighting that is written again", async () => {
      const store = await (await begin())();
      await store.remember("prod", { ...nothingNew(progress(1)), sightings: [sighting("one")] });
      await store.remember("prod", { ...nothingNew(progress(2)), sightings: [sighting("one", { count: 9 })] });
      expect((await store.recall("prod")).get("one")?.count).toBe(9);
      expect(await store.progress("prod")).toEqual(progress(2));
    });

    it("keeps what a sighting is called, and that nobody found a name", async () => {
      const open = await begin();
      const name: Name = {
        name: 'a "b" \\010',
        from: "ptr",
        trust: "refused",
        why: "the PTR of 203.0.113.7 says so, but…",
      };
      const all = [
        sighting("named", { name, namedAt: 1_700_000_000_000 }),
        sighting("nameless", { name: null, namedAt: 1_700_000_000_001 }),
        sighting("not yet looked for"),
      ];
      await (await open()).remember("prod", { ...nothingNew(progress(1)), sightings: all });
      const other = await open();
      const before = await other.recall("prod");
      expect(all.map(({ key }) => before.get(key))).toEqual(all);
      await other.remember("prod", { ...nothingNew(progress(2)), sightings: [sighting("named")] });
      expect((await (await open()).recall("prod")).get("named")).toEqual(sighting("named"));
    });

    it("keeps what the DNS said, to any process, cluster by cluster, as it was written last", async () => {
      const open = await begin();
      const none = answer("ptr 2001:db8::7", { values: [], seen: [] });
      const odd = answer("ptr 203.0.113.7", { values: ["", "evil\\010na\\.me", 'a"b'], seen: [] });
      const name = answer("4 api.example.com");
      await (await open()).remember("prod", { ...nothingNew(progress(1)), answers: [none, odd, name] });
      const moved = answer("4 api.example.com", {
        values: ["203.0.113.8"],
        at: 1_700_000_100_000,
        until: 1_700_000_100_000,
        seen: [
          ["203.0.113.8", 1_700_000_100_000],
          ["203.0.113.7", 1_700_000_000_000],
        ],
      });
      const other = await open();
      expect(byQuestion(await other.answers("prod"))).toEqual([name, none, odd]);
      await other.remember("prod", { ...nothingNew(progress(2)), answers: [moved] });
      expect(byQuestion(await (await open()).answers("prod"))).toEqual([moved, none, odd]);
      expect((await other.answers("staging")).size).toBe(0);
    });

    it("forgets an answer a week after it held, and no other cluster's", async () => {
      const store = await (await begin())();
      const end = 1_800_000_000_000;
      const held = (question: string, ago: number) => answer(question, { until: end - answersKept.after - ago });
      const answers = [held("4 just.example.com", 0), held("4 old.example.com", 1)];
      await store.remember("staging", { ...nothingNew(progress(1)), answers });
      await store.remember("prod", { ...nothingNew(progress(1)), answers });
      expect((await store.answers("prod")).size).toBe(2);
      await store.remember("prod", nothingNew(progress(end)));
      expect([...(await store.answers("prod")).keys()]).toEqual(["4 just.example.com"]);
      expect((await store.answers("staging")).size).toBe(2);
    });

    it("keeps the newest answers where there are too many, and no other cluster's are fewer", async () => {
      const store = await (await begin())();
      const many = Array.from({ length: answersKept.most }, (_, index) =>
        answer(`4 n${index}.example.com`, { at: 1_700_000_000_000 + index }),
      );
      await store.remember("staging", { ...nothingNew(progress(1)), answers: many.slice(0, 3) });
      await store.remember("prod", { ...nothingNew(progress(1)), answers: many });
      expect((await store.answers("prod")).size).toBe(answersKept.most);
      const later = [1, 2].map((index) => answer(`ptr 203.0.113.${index}`, { at: 1_700_001_000_000 }));
      await store.remember("prod", { ...nothingNew(progress(1)), answers: later });
      const kept = await store.answers("prod");
      expect(kept.size).toBe(answersKept.most);
      expect(["4 n0", "4 n1", "4 n2"].map((name) => kept.has(`${name}.example.com`))).toEqual([false, false, true]);
      expect(later.map(({ question }) => kept.get(question))).toEqual(later);
      expect((await store.answers("staging")).size).toBe(3);
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

    it("keeps how open findings were told, as long as they are open, whatever else is written of them", async () => {
      const open = await begin();
      const store = await open();
      const telling = (told: number): Telling => ({
        ...{ told, repeats: told - 1, at: 1_700_000_000_000, severity: "warning", count: 3 },
        ...{ pace: 0.125, destinations: null },
      });
      const [one, two] = [finding({ id: "one" }), finding({ id: "two" })];
      await store.remember("prod", {
        ...nothingNew(progress(1)),
        opened: [one, two],
        tellings: [
          ["one", telling(1)],
          ["two", telling(1)],
          ["never open", telling(1)],
        ],
      });
      await store.remember("prod", {
        ...nothingNew(progress(2)),
        opened: [{ ...one, count: 99 }, two],
        tellings: [["two", { ...telling(2), destinations: 7 }]],
      });
      expect([...(await (await open()).tellings("prod"))].sort()).toEqual([
        ["one", telling(1)],
        ["two", { ...telling(2), destinations: 7 }],
      ]);
      expect((await store.tellings("staging")).size).toBe(0);
      await store.remember("prod", { ...nothingNew(progress(3)), closed: ["one"] });
      await store.remember("prod", { ...nothingNew(progress(4)), opened: [one] });
      expect([...(await (await open()).tellings("prod")).keys()]).toEqual(["two"]);
    });

    it("keeps what could not be sent: letters that failed, channels that are down, and letters about both", async () => {
      const open = await begin();
      const store = await open();
      const failure = (attempts: number, reported = false): Failure => ({
        ...{ since: 1_700_000_000_000, attempts, next: 1_700_000_060_000, code: "channel/unavailable" },
        ...{ text: 'away: "x"', reported },
      });
      await store.remember("prod", { ...nothingNew(progress(1)), letters: [letter("a"), letter("b")] });
      await store.unsent("prod", {
        failures: [
          ["a", failure(1)],
          ["never there", failure(1)],
        ],
        outages: [
          ["slack", failure(1)],
          ["sns", failure(1)],
        ],
        letters: [letter("a"), letter("c")],
      });
      await store.unsent("prod", {
        failures: [["a", failure(2, true)]],
        outages: [
          ["slack", null],
          ["sns", failure(2)],
          ["never down", null],
        ],
        letters: [],
      });
      const other = await open();
      const waiting = [{ ...letter("a"), failure: failure(2, true) }, letter("b"), letter("c")];
      expect(await other.letters("prod")).toEqual(waiting);
      expect([...(await other.outages("prod"))]).toEqual([["sns", failure(2)]]);
      expect([(await other.outages("staging")).size, await other.letters("staging")]).toEqual([0, []]);
      // A letter that is written again stays as it is.
      await other.remember("prod", { ...nothingNew(progress(2)), letters: [letter("a")] });
      expect(await store.letters("prod")).toEqual(waiting);
      await store.told("prod", "a");
      expect((await other.letters("prod")).map(({ id }) => id)).toEqual(["b", "c"]);
    });

    it("keeps receipts, channel by channel, as they were written last and until they are taken away", async () => {
      const open = await begin();
      const store = await open();
      expect((await store.receipts("prod", "slack")).size).toBe(0);
      const odd = 'a "b" \u0000 \u2028 \ud83d\ude00';
      await store.keepReceipts(
        "prod",
        "slack",
        new Map([
          ["f-1", "one"],
          ["f-2", odd],
          ["f-3", "three"],
        ]),
        5,
      );
      await store.keepReceipts("prod", "pager", new Map([["f-1", "other"]]), 5);
      await store.keepReceipts(
        "prod",
        "slack",
        new Map([
          ["f-1", "again"],
          ["f-3", null],
          ["f-9", null],
        ]),
        6,
      );
      const other = await open();
      expect([...(await other.receipts("prod", "slack"))].sort()).toEqual([
        ["f-1", "again"],
        ["f-2", odd],
      ]);
      expect([...(await other.receipts("prod", "pager"))]).toEqual([["f-1", "other"]]);
      expect((await other.receipts("staging", "slack")).size).toBe(0);
    });

    it("forgets a receipt 30 days after it was written, but not of a finding that is open", async () => {
      const store = await (await begin())();
      const written = 1_800_000_000_000;
      await store.remember("prod", { ...nothingNew(progress(1)), opened: [finding({ id: "open" })] });
      await store.keepReceipts(
        "prod",
        "slack",
        new Map([
          ["open", "a"],
          ["over", "b"],
        ]),
        written,
      );
      await store.keepReceipts("prod", "slack", new Map([["late", "c"]]), written + 1);
      await store.keepReceipts("prod", "slack", new Map([["new", "d"]]), written + receiptsKept + 1);
      expect([...(await store.receipts("prod", "slack")).keys()].sort()).toEqual(["late", "new", "open"]);
    });

    it("keeps verdicts by finding, whatever cluster that is of, until they are taken back", async () => {
      const open = await begin();
      const store = await open();
      expect((await store.verdicts()).size).toBe(0);
      const bare = verdict("b", { verdict: "denied", until: null, reason: null, by: null, at: null });
      await store.rule(verdict("a"));
      await store.rule(bare);
      const later = verdict("a", { verdict: "snoozed", until: 7, cluster: "prod" });
      await store.rule(later);
      const other = await open();
      expect(await other.verdicts()).toEqual(
        new Map([
          ["a", later],
          ["b", bare],
        ]),
      );
      expect([await store.unrule("a"), await store.unrule("a"), await store.unrule("never there")]).toEqual([
        true,
        false,
        false,
      ]);
      expect([...(await other.verdicts()).keys()]).toEqual(["b"]);
      const lease = await store.lease("prod", 0);
      await other.rule(verdict("while a run is on"));
      await lease.release();
      expect((await store.verdicts()).size).toBe(2);
    });

    it("keeps what was told, by cluster, as it was told first", async () => {
      const open = await begin();
      const store = await open();
      const findings = [toldFinding("a"), toldFinding("b", { kind: "fan-out", team: "b" })];
      await store.remember("prod", { ...nothingNew(progress(1)), findings });
      await store.remember("prod", {
        ...nothingNew(progress(2)),
        findings: [toldFinding("a", { team: "another", at: 2 }), toldFinding("c")],
      });
      await store.remember("staging", { ...nothingNew(progress(1)), findings: [toldFinding("d")] });
      const other = await open();
      expect([...(await other.findings("prod")).values()].sort((x, y) => (x.id < y.id ? -1 : 1))).toEqual([
        ...findings,
        toldFinding("c"),
      ]);
      expect(await other.findings("prod", new Set(["b", "d", "never there"]))).toEqual(new Map([["b", findings[1]]]));
      expect((await other.findings("prod", new Set())).size).toBe(0);
      expect(await other.clusters()).toEqual(["prod", "staging"]);
    });

    it("keeps the newest of what was told, and what somebody decided about", async () => {
      const store = await (await begin())();
      const many = Array.from({ length: mostFindings }, (_, index) => toldFinding(`f${index}`, { at: index }));
      await store.rule(verdict("f1"));
      await store.remember("prod", { ...nothingNew(progress(1)), findings: many });
      await store.remember("staging", { ...nothingNew(progress(1)), findings: [toldFinding("old", { at: 0 })] });
      const later = [1, 2, 3].map((index) => toldFinding(`later${index}`, { at: mostFindings }));
      await store.remember("prod", { ...nothingNew(progress(2)), findings: later });
      const kept = await store.findings("prod");
      expect(kept.size).toBe(mostFindings + 1);
      expect(["f0", "f1", "f2", "f3", "later3"].map((id) => kept.has(id))).toEqual([false, true, false, true, true]);
      expect((await store.findings("staging")).size).toBe(1);
    });

    it("keeps runs that were asked for, to any process, as they were written last, for a week", async () => {
      const open = await begin();
      const [one, other] = [await open(), await open()];
      const asked = askedRun("a", { at: 1_000 });
      expect(await one.askedRun("a", 1_000)).toBeNull();
      expect(await one.askRun(asked, 0)).toBe(true);
      expect(await one.askedRun("a", 1_000)).toEqual(asked);
      const done: AskedRun = { ...asked, state: "done", changed: 2_000, document: '{"findings":["\\u0000é"]}' };
      await one.keepRun(done);
      expect(await one.askedRun("a", 3_000)).toEqual(done);
      const failed = askedRun("b", { state: "failed", at: 1_500, fault: { code: "store/busy", message: 'a "run"' } });
      await one.keepRun(failed);
      expect(await one.askedRun("b", 3_000)).toEqual(failed);
      expect(await other.clusters()).toEqual(await one.clusters());
      expect(await one.askedRun("a", 1_000 + week)).toEqual(done);
      expect(await one.askedRun("a", 1_001 + week)).toBeNull();
      expect(await one.askedRun("b", 1_001 + week)).toEqual(failed);
    });

    it("refuses a run that is asked for while one of its cluster waits or goes on, and not for ever", async () => {
      const store = await (await begin())();
      const both = await Promise.all([
        store.askRun(askedRun("a", { at: 10 }), 0),
        store.askRun(askedRun("b", { at: 10 }), 0),
      ]);
      expect(both.toSorted()).toEqual([false, true]);
      const taken = askedRun(both[0] ? "a" : "b", { at: 10 });
      expect(await store.askedRun(both[0] ? "b" : "a", 10)).toBeNull();
      expect(await store.askRun(askedRun("c", { cluster: "test", at: 11 }), 0)).toBe(true);
      await store.keepRun({ ...taken, state: "running" });
      expect(await store.askRun(askedRun("d", { at: 12 }), 9)).toBe(false);
      expect(await store.askRun(askedRun("e", { at: 13 }), 10)).toBe(true);
      await store.keepRun(askedRun("e", { at: 13, state: "failed", fault: { code: "internal", message: "" } }));
      await store.keepRun({ ...taken, state: "done" });
      expect(await store.askRun(askedRun("f", { at: 14 }), 0)).toBe(true);
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
