/** A thousand random calls of the store in DynamoDB, opened again and with new snapshots in between, beside the memory of a process. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Failure, Telling } from "../../lib/model.ts";
import { dynamodb } from "../../lib/remember/dynamodb.ts";
import { memory } from "../../lib/remember/memory.ts";
import { nothingNew, type Store, type Unsent } from "../../lib/remember/store.ts";
import { answer, letter, toldFinding, verdict } from "../contract/store.ts";
import { finding } from "../notify/sample.ts";
import { type Dynamodb, startDynamodb } from "../tools/dynamodb.ts";
import { bulky, lifelike } from "./lifelike.ts";

let local: Dynamodb;
beforeAll(async () => {
  local = await startDynamodb();
});
afterAll(() => local.stop());

const day = 24 * 60 * 60_000;
const id = fc.constantFrom("a", "b", "c", "d");
const some = <T>(one: fc.Arbitrary<T>) => fc.array(one, { maxLength: 3 });
/** Days, also backwards: what is forgotten when must be the same. */
const time = fc.integer({ min: 0, max: 60 }).map((days) => days * day);
const telling: fc.Arbitrary<Telling> = fc.nat(9).map((told) => ({
  ...{ told: told + 1, repeats: 0, at: 1, severity: "info" as const, count: 1, pace: 0.5, destinations: null },
}));
const failure: fc.Arbitrary<Failure> = fc
  .nat(9)
  .map((attempts) => ({ since: 1, attempts, next: 2, code: "c", text: "\ud800 \u0000", reported: false }));
const progress = fc.record({ end: time, learningSince: fc.option(time), judgedUntil: fc.option(time) });
const sightings = fc.oneof(
  { weight: 3, arbitrary: some(fc.nat(9).chain((index) => fc.nat(99).map((count) => lifelike(index, { count })))) },
  { weight: 1, arbitrary: fc.nat(9).map((from) => bulky(1, from, 20)) },
);
const change = fc.record({
  progress,
  sightings,
  letters: some(id.map(letter)),
  opened: some(id.chain((id) => fc.nat(9).map((count) => finding({ id, count })))),
  closed: some(id),
  tellings: some(fc.tuple(id, telling)),
  habits: some(fc.record({ key: id, state: fc.uint8Array({ maxLength: 9 }) })),
  answers: some(fc.tuple(id, time).map(([name, until]) => answer(`4 ${name}.example`, { until }))),
  findings: some(fc.tuple(id, time).map(([name, at]) => toldFinding(name, { at }))),
});
const unsent: fc.Arbitrary<Unsent> = fc.record({
  failures: some(fc.tuple(id, failure)),
  outages: some(fc.tuple(id, fc.option(failure, { nil: null }))),
  letters: some(id.map(letter)),
});

type Step = (store: Store) => Promise<unknown>;
const cluster = fc.constantFrom("prod", "staging");
const step: fc.Arbitrary<{ run: Step; opens: boolean }> = fc
  .oneof(
    {
      weight: 6,
      arbitrary: fc.tuple(cluster, change).map(
        ([at, one]): Step =>
          (store) =>
            store.remember(at, one),
      ),
    },
    {
      weight: 3,
      arbitrary: fc.tuple(cluster, progress).map(
        ([at, one]): Step =>
          (store) =>
            store.remember(at, nothingNew(one)),
      ),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(cluster, id).map(
        ([at, one]): Step =>
          (store) =>
            store.told(at, one),
      ),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(cluster, unsent).map(
        ([at, one]): Step =>
          (store) =>
            store.unsent(at, one),
      ),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(cluster, fc.constantFrom("slack", "pager"), some(fc.tuple(id, fc.option(fc.string()))), time)
        .map(
          ([at, channel, kept, when]): Step =>
            (store) =>
              store.keepReceipts(at, channel, new Map(kept), when),
        ),
    },
    {
      weight: 1,
      arbitrary: id.map(
        (one): Step =>
          (store) =>
            store.rule(verdict(one)),
      ),
    },
    {
      weight: 1,
      arbitrary: id.map(
        (one): Step =>
          (store) =>
            store.unrule(one),
      ),
    },
  )
  .chain((run) => fc.nat(9).map((chance) => ({ run, opens: chance === 0 })));

/** All that a store tells, in a form that can be compared. */
async function allOf(store: Store) {
  const clusters = await Promise.all(
    ["prod", "staging"].map(async (at) => ({
      progress: await store.progress(at),
      letters: await store.letters(at),
      sightings: sorted(await store.recall(at)),
      open: sorted(await store.open(at)),
      tellings: sorted(await store.tellings(at)),
      outages: sorted(await store.outages(at)),
      answers: sorted(await store.answers(at)),
      findings: sorted(await store.findings(at)),
      picked: sorted(await store.findings(at, new Set(["a", "z"]))),
      habits: sorted(await store.habits(at)).map(([key, { state }]) => [key, [...state]]),
      receipts: [sorted(await store.receipts(at, "slack")), sorted(await store.receipts(at, "pager"))],
    })),
  );
  return { clusters, names: await store.clusters(), verdicts: sorted(await store.verdicts()) };
}

const sorted = <T>(map: ReadonlyMap<string, T>) => [...map].sort(([one], [other]) => (one < other ? -1 : 1));

let sessions = 0;
/** Every second time as a run opens it, that holds the lease and reads but once. */
async function opened(table: string) {
  const store = dynamodb(table, { now: Date.now });
  sessions += 1;
  const leases = sessions % 2 === 0 ? [] : [await store.lease("prod", 0), await store.lease("staging", 0)];
  const close = async () => {
    for (const lease of leases) await lease.release();
    await store.close();
  };
  return { store, close };
}

it("is as the memory of a process is", { timeout: 240_000 }, async () => {
  let snapshots = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 80, maxLength: 90, size: "max" }), async (steps) => {
      const table = await local.table();
      const model = memory();
      local.forget();
      let { store, close } = await opened(table);
      for (const { run, opens } of steps) {
        expect(await run(store)).toEqual(await run(model));
        if (!opens) continue;
        await close();
        ({ store, close } = await opened(table));
        expect(await allOf(store)).toEqual(await allOf(model));
      }
      expect(await allOf(store)).toEqual(await allOf(model));
      await close();
      snapshots += [...local.written].filter((sk) => sk.startsWith("page")).length;
    }),
    { numRuns: 12, endOnFailure: true },
  );
  expect(snapshots).toBeGreaterThan(9);
});
