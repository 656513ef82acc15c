/** The store in DynamoDB, on dynalite: the suite of every store, and leases, units and what does not belong in the table. */
import { DeleteItemCommand, PutItemCommand, QueryCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type DynamodbSettings, dynamodb } from "../../lib/remember/dynamodb.ts";
import { nothingNew, type Progress, type Store } from "../../lib/remember/store.ts";
import { letter, sighting, storeContract, verdict } from "../contract/store.ts";
import { type Dynamodb, isWrite, startDynamodb } from "../tools/dynamodb.ts";
import { lifelikes } from "./lifelike.ts";

let local: Dynamodb;
beforeAll(async () => {
  local = await startDynamodb();
});
afterAll(() => local.stop());

storeContract("dynamodb", async () => {
  const table = await local.table();
  return { open: async () => dynamodb(table, { now: Date.now }), clean: async () => {} };
});

const at = (end: number): Progress => ({ end, learningSince: null, judgedUntil: null });

function open(table: string, settings: Partial<DynamodbSettings> = {}): Store {
  const store = dynamodb(table, { now: Date.now, ...settings });
  onTestFinished(() => store.close());
  return store;
}

const rowsIn = async (table: string, pk?: string) => {
  const { Items = [] } = await local.client.send(new ScanCommand({ TableName: table }));
  return Items.map((row) => `${row.pk?.S}/${row.sk?.S}`).filter(
    (name) => pk === undefined || name.startsWith(`${pk}/`),
  );
};

describe("a lease", () => {
  it("of a run that was killed ends by itself, and not before", async () => {
    const table = await local.table();
    let now = 1_000_000;
    const killed = open(table, { now: () => now, leaseFor: 60_000 });
    await killed.lease("prod", 0);
    const next = open(table, { now: () => now, leaseFor: 60_000 });
    now += 60_000;
    await expect(next.lease("prod", 0)).rejects.toMatchObject({ code: "store/busy" });
    now += 5_001;
    await (await next.lease("prod", 0)).release();
  });

  it("ends with the process' own limit at the latest", async () => {
    const table = await local.table();
    let now = 1_000_000;
    await open(table, { now: () => now, endsBy: now + 20_000 }).lease("prod", 0);
    const next = open(table, { now: () => now });
    now += 20_000;
    await expect(next.lease("prod", 0)).rejects.toMatchObject({ code: "store/busy" });
    now += 1;
    await (await next.lease("prod", 0)).release();
  });

  it("is renewed while its run lives", async () => {
    const table = await local.table();
    const first = open(table, { leaseFor: 300 });
    const lease = await first.lease("prod", 0);
    local.forget();
    const renewed = new Promise<void>((resolve) => {
      local.fault = (asked) => {
        if (local.asked.filter(isWrite).length > 2) resolve();
        return asked.action === "UpdateItem" && local.asked.filter(isWrite).length === 1
          ? { status: 500, name: "InternalServerError" }
          : null;
      };
    });
    await renewed;
    local.fault = () => null;
    await lease.release();
    const count = local.asked.length;
    await (await open(table).lease("prod", 0)).release();
    expect(local.asked.length).toBe(count + 2);
  });

  it("is not renewed by a store that was closed", async () => {
    const table = await local.table();
    const first = dynamodb(table, { now: Date.now, leaseFor: 150 });
    await first.lease("prod", 0);
    await first.close();
    // It is taken once it has ended, which it does not while it is renewed.
    const second = await open(table).lease("prod", 15_000);
    await second.release();
  });

  it("of two runs that overlap, one does the work and the other waits, and begins with what the first left", async () => {
    const table = await local.table();
    const stores = [open(table), open(table)];
    const run = async (store: Store) => {
      const lease = await store.lease("prod", 10_000);
      const known = await store.recall("prod");
      const progress = await store.progress("prod");
      if (!known.has("one"))
        await store.remember("prod", { ...nothingNew(at((progress?.end ?? 0) + 1)), sightings: [sighting("one")] });
      await lease.release();
      return known.size;
    };
    expect((await Promise.all(stores.map(run))).sort()).toEqual([0, 1]);
    expect(await stores[0]?.progress("prod")).toEqual(at(1));
  });

  it("that was lost makes each write fail, and takes nothing from the run that has it now", async () => {
    const table = await local.table();
    let now = 1_000_000;
    const late = open(table, { now: () => now, leaseFor: 60_000 });
    const lost = await late.lease("prod", 0);
    await late.remember("prod", { ...nothingNew(at(1)), sightings: lifelikes(2), letters: [letter("a")] });
    now += 65_001;
    const next = open(table, { now: () => now });
    const lease = await next.lease("prod", 0);
    await next.remember("prod", { ...nothingNew(at(2)), sightings: [sighting("next")] });
    for (const write of [
      () => late.remember("prod", { ...nothingNew(at(3)), sightings: [sighting("late")] }),
      () => late.remember("prod", nothingNew(at(3))),
      () => late.told("prod", "a"),
    ])
      await expect(write()).rejects.toMatchObject({ code: "store/busy" });
    await lost.release();
    await expect(open(table, { now: () => now }).lease("prod", 0)).rejects.toMatchObject({ code: "store/busy" });
    await next.remember("prod", nothingNew(at(4)));
    await lease.release();
    expect([...(await next.recall("prod")).keys()]).toEqual([...lifelikes(2).map(({ key }) => key), "next"]);
    expect(await next.progress("prod")).toEqual(at(4));
  });
});

describe("what a run costs", () => {
  /** A run as lib/scout.ts makes it, as far as the store goes. */
  async function run(store: Store, end: number, count = 0) {
    const lease = await store.lease("prod", 0);
    await store.progress("prod");
    const memory = await store.recall("prod");
    for (const read of [store.open, store.habits, store.answers, store.tellings]) await read("prod");
    await store.verdicts();
    await store.remember("prod", { ...nothingNew(at(end)), sightings: lifelikes(count, memory.size) });
    for (const read of [store.letters, store.open]) await read("prod");
    await lease.release();
  }

  it("a quiet one on 20,000 known sightings reads by Query alone and writes one row", async () => {
    const table = await local.table();
    const store = open(table);
    await run(store, 1, 20_000);
    local.forget();
    await run(store, 2);
    expect([...local.written]).toEqual(["prod"]);
    expect(local.units.write).toBe(3);
    const actions = local.asked.map(({ action }) => action).filter((one) => one !== "Query");
    expect(actions).toEqual(["UpdateItem", "UpdateItem", "UpdateItem"]);
    const { Items = [] } = await local.client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": { S: "packs#prod" } },
      }),
    );
    const bytes = Items.reduce((sum, row) => sum + (row.data?.B?.length ?? 0), 0);
    // Half a unit for each 4 KB, and one for no verdicts.
    expect(local.units.read).toBeLessThan(bytes / 8192 + 4);
  });

  it("how far a cluster has come is asked of its head alone, and a run that asks first reads its packs once", async () => {
    const table = await local.table();
    const store = open(table);
    await run(store, 1, 20_000);
    local.forget();
    const before = await store.progress("prod");
    expect(local.asked.map(({ action }) => action)).toEqual(["GetItem"]);
    expect(local.units.read).toBeLessThanOrEqual(1);
    const lease = await store.lease("prod", 0);
    expect(await store.progress("prod")).toEqual(before);
    expect(local.asked.filter(({ action }) => action === "Query")).toEqual([]);
    await store.recall("prod");
    const pages = local.asked.length;
    await store.open("prod");
    expect(await store.progress("prod")).toEqual(before);
    expect(local.asked).toHaveLength(pages);
    await lease.release();
  });

  it("one with something new writes what is new, however much is known", async () => {
    const store = open(await local.table());
    await run(store, 1, 20_000);
    local.forget();
    await run(store, 2, 10);
    expect(local.units.write).toBeLessThan(8);
  });

  it("a log that grew is replaced by a snapshot, and nothing of it stays", async () => {
    const table = await local.table();
    const store = open(table);
    for (let end = 1; end <= 12; end++) await run(store, end, 300);
    const rows = await rowsIn(table, "packs#prod");
    expect(rows.filter((name) => name.includes("page")).length).toBe(1);
    expect(rows.filter((name) => name.includes("log")).length).toBeLessThan(12);
    expect((await open(table).recall("prod")).size).toBe(3_600);
  });

  it("clusters of one store stay apart, also where one's name begins as another's", async () => {
    const store = open(await local.table());
    for (const [index, cluster] of ["a", "a#b", "heads"].entries())
      await store.remember(cluster, { ...nothingNew(at(index)), sightings: [sighting(cluster)] });
    for (const [index, cluster] of ["a", "a#b", "heads"].entries()) {
      expect([...(await store.recall(cluster)).keys()]).toEqual([cluster]);
      expect(await store.progress(cluster)).toEqual(at(index));
    }
    expect(await store.clusters()).toEqual(["a", "a#b", "heads"]);
  });
});

describe("what is in the table", () => {
  const filled = async () => {
    const table = await local.table();
    const store = open(table);
    await store.remember("prod", { ...nothingNew(at(1)), sightings: lifelikes(5_000) });
    await store.remember("prod", { ...nothingNew(at(2)), sightings: [sighting("later")] });
    return table;
  };
  const put = (table: string, pk: string, sk: string, more: object = {}) =>
    local.client.send(new PutItemCommand({ TableName: table, Item: { pk: { S: pk }, sk: { S: sk }, ...more } }));

  it("of somebody else is left alone", async () => {
    const table = await filled();
    const foreign = [
      ["packs#prod", "notes"],
      ["packs#prod", "zzz#1"],
      ["heads", "a note"],
      ["verdicts", "a note"],
      ["else", "else"],
    ] as const;
    for (const [pk, sk] of foreign) await put(table, pk, sk, { data: { S: "mine" } });
    const store = open(table);
    const lease = await store.lease("prod", 0);
    await store.remember("prod", { ...nothingNew(at(3)), sightings: lifelikes(9_000) });
    await lease.release();
    await store.rule(verdict("v"));
    expect((await store.recall("prod")).size).toBe(9_001);
    expect([...(await store.verdicts()).keys()]).toEqual(["v"]);
    expect(await store.clusters()).toEqual(["prod"]);
    const rows = await rowsIn(table);
    for (const [pk, sk] of foreign) expect(rows).toContain(`${pk}/${sk}`);
  });

  it("of a doctor that was killed is not there for anybody, though DynamoDB takes days to delete it", async () => {
    const table = await filled();
    const fault = local.fault;
    const store = open(table, { tries: 1 });
    local.fault = ({ action }) => (action === "BatchWriteItem" ? "cut" : null);
    await expect(store.rehearse("prod")).rejects.toMatchObject({ code: "store/unavailable" });
    local.fault = fault;
    const rows = (await rowsIn(table)).filter((name) => name.includes("rehearsal"));
    expect(rows.length).toBe(2);
    const { Items = [] } = await local.client.send(
      new ScanCommand({
        TableName: table,
        FilterExpression: "attribute_exists(#ttl)",
        ExpressionAttributeNames: { "#ttl": "ttl" },
      }),
    );
    expect(Items.length).toBe(2);
    for (const { ttl } of Items) expect(Math.abs(Number(ttl?.N) - Date.now() / 1000 - 86_400)).toBeLessThan(60);
    expect(await store.clusters()).toEqual(["prod"]);
    await store.rehearse("prod");
    expect((await rowsIn(table)).filter((name) => name.includes("rehearsal")).length).toBe(2);
  });

  it.each(["page", "log"])("without a part of a %s is damaged, and says so", async (kind) => {
    const table = await filled();
    const name = (await rowsIn(table, "packs#prod")).find((one) => one.includes(kind)) ?? "";
    await local.client.send(
      new DeleteItemCommand({
        TableName: table,
        Key: { pk: { S: "packs#prod" }, sk: { S: name.slice("packs#prod/".length) } },
      }),
    );
    await expect(open(table).recall("prod")).rejects.toMatchObject({ code: "store/corrupt" });
  });

  it.each([
    ["a part that was cut", (data: Uint8Array) => data.subarray(0, data.length - 1)],
    ["a part with another byte", (data: Uint8Array) => data.map((byte, index) => (index === 99 ? byte ^ 1 : byte))],
  ])("with %s is damaged, and says so", async (_, break_) => {
    const table = await filled();
    const { Items = [] } = await local.client.send(new ScanCommand({ TableName: table }));
    const row = Items.find((one) => one.sk?.S?.startsWith("page")) ?? {};
    await local.client.send(
      new PutItemCommand({ TableName: table, Item: { ...row, data: { B: break_(row.data?.B ?? new Uint8Array()) } } }),
    );
    await expect(open(table).recall("prod")).rejects.toMatchObject({ code: "store/corrupt" });
  });

  it.each([
    ["a head that is none", { state: { S: "{}" } }, "store/corrupt"],
    ["a head of a later version", { version: { N: "2" } }, "store/too-new"],
  ])("with %s is refused, for runs and for looks", async (_, more, code) => {
    const table = await local.table();
    await put(table, "heads", "prod", more);
    await expect(open(table).recall("prod")).rejects.toMatchObject({ code });
    await expect(open(table).lease("prod", 0)).rejects.toMatchObject({ code });
    await expect(open(table).remember("prod", { ...nothingNew(at(1)), letters: [letter("a")] })).rejects.toMatchObject({
      code,
    });
    await expect(open(table).clusters()).rejects.toMatchObject({ code });
  });
});
