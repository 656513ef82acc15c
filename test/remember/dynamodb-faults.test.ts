/** The store in DynamoDB where the network, the table or the process fails, at each request in turn. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type DynamodbSettings, dynamodb } from "../../lib/remember/dynamodb.ts";
import { nothingNew, type Progress, type Store } from "../../lib/remember/store.ts";
import { askedRun, letter, verdict } from "../contract/store.ts";
import { type Asked, type Dynamodb, type Fault, isWrite, startDynamodb } from "../tools/dynamodb.ts";
import { bulky, lifelikes } from "./lifelike.ts";

let local: Dynamodb;
beforeAll(async () => {
  local = await startDynamodb();
});
afterAll(() => local.stop());

const at = (end: number): Progress => ({ end, learningSince: null, judgedUntil: null });
const begin = 1_000_000;
const later = begin + 600_000;

function open(table: string, settings: Partial<DynamodbSettings> = {}): Store {
  const store = dynamodb(table, { now: () => begin, ...settings });
  onTestFinished(() => store.close());
  return store;
}

/** Fails requests as `fault` says, until the test is over or says otherwise. */
function failing(fault: (asked: Asked) => Fault): void {
  local.fault = fault;
  onTestFinished(() => {
    local.fault = () => null;
  });
}

/** What is remembered, as a text. */
async function toldBy(store: Store): Promise<string> {
  const ids = [...(await store.recall("prod")).keys()].sort();
  const letters = (await store.letters("prod")).map(({ id }) => id);
  return JSON.stringify([await store.progress("prod"), ids.length, ids.slice(0, 5), letters]);
}

/** Two steps of a run: one that fills a log, and one that takes a snapshot of several parts and throws away the log. */
const small = { ...nothingNew(at(2)), sightings: lifelikes(20), letters: [letter("a")] };
const large = { ...nothingNew(at(3)), sightings: bulky(12, 0, 40), letters: [letter("b")] };

async function prepared(isEmpty = false): Promise<{ table: string; before: string }> {
  const table = await local.table();
  const store = open(table);
  if (isEmpty) return { table, before: await toldBy(store) };
  await store.remember("prod", { ...nothingNew(at(1)), sightings: bulky(2, 10_000, 40) });
  await store.remember("prod", { ...nothingNew(at(1)), sightings: lifelikes(10, 20_000) });
  return { table, before: await toldBy(store) };
}

async function work(store: Store, step: (store: Store) => Promise<void>): Promise<void> {
  const lease = await store.lease("prod", 0);
  await step(store);
  await lease.release();
}

const steps: [name: string, step: (store: Store) => Promise<void>, isFirst?: boolean][] = [
  ["the first change of all", (store) => store.remember("prod", small), true],
  ["a small change", (store) => store.remember("prod", small)],
  ["a snapshot", (store) => store.remember("prod", large)],
  ["a quiet run", (store) => store.remember("prod", nothingNew(at(4)))],
];

describe("a run that is killed before or after any of its writes", () => {
  it.each(steps)(
    "leaves %s as it was or as it is to be, and the next run goes on",
    async (_, step, isFirst = false) => {
      const { table: whole, before: first } = await prepared(isFirst);
      local.forget();
      await work(open(whole), step);
      const count = local.asked.filter(isWrite).length;
      const after = await toldBy(open(whole));
      expect(after).not.toBe(first);
      const seen = new Set<string>();
      for (const done of [false, true]) {
        for (let dies = 1; dies <= count; dies++) {
          const { table, before } = await prepared(isFirst);
          let written = 0;
          failing((asked) => {
            if (written >= dies) return "cut";
            if (isWrite(asked)) written += 1;
            return written < dies ? null : done ? "done, then cut" : "cut";
          });
          await work(open(table, { tries: 1 }), step).catch(() => {});
          local.fault = () => null;
          const now = await toldBy(open(table));
          expect([before, after]).toContain(now);
          seen.add(now === before ? "before" : "after");
          const next = open(table, { now: () => later });
          await work(next, step);
          expect(await toldBy(open(table))).toBe(after);
          await work(next, (store) => store.told("prod", "b"));
          await work(next, (store) => store.remember("prod", nothingNew(at(9))));
          const garbage = await garbageIn(table);
          expect(garbage).toEqual([]);
        }
      }
      expect([...seen].sort()).toEqual(["after", "before"]);
    },
    120_000,
  );

  it("may be a process that gets SIGKILL", async () => {
    const { table, before } = await prepared();
    const module = new URL("../../lib/remember/dynamodb.ts", import.meta.url).href;
    const lifelike = new URL("./lifelike.ts", import.meta.url).href;
    const script = `import { dynamodb } from ${JSON.stringify(module)}; import { bulky } from ${JSON.stringify(lifelike)};
      const store = dynamodb(${JSON.stringify(table)}, { now: () => ${begin} });
      await store.lease("prod", 0);
      await store.remember("prod", { ...${JSON.stringify(nothingNew(at(3)))}, sightings: bulky(12, 0, 40) });`;
    const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", script], {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, ...local.env },
    });
    let parts = 0;
    failing(({ action }) => {
      if (action !== "PutItem") return null;
      parts += 1;
      if (parts === 2) child.kill("SIGKILL");
      return null;
    });
    await once(child, "exit");
    expect(child.signalCode).toBe("SIGKILL");
    expect(await toldBy(open(table))).toBe(before);
    await expect(open(table).lease("prod", 0)).rejects.toMatchObject({ code: "store/busy" });
    const next = open(table, { now: () => later });
    await work(next, (store) => store.remember("prod", small));
    expect(await garbageIn(table)).toEqual([]);
    expect((await next.recall("prod")).size).toBe(32);
  });
});

/** Rows of packs that the head does not need. */
async function garbageIn(table: string): Promise<string[]> {
  const { Items = [] } = await local.client.send(new ScanCommand({ TableName: table }));
  const head = Items.find(({ pk }) => pk?.S === "heads");
  const { snapshot, log } = JSON.parse(head?.state?.S ?? "");
  const packs = Items.flatMap(({ pk, sk }) => (pk?.S === "packs#prod" ? [sk?.S ?? ""] : [])).sort();
  const pages = packs.filter((sk) => sk.startsWith(`page#${snapshot?.id}#`));
  expect(pages.length).toBe(snapshot?.parts ?? 0);
  const logs = packs.filter((sk) => sk.startsWith("log#"));
  return [
    ...packs.filter((sk) => sk.startsWith("page#") && !pages.includes(sk)),
    ...logs.slice(0, -log.count || logs.length),
  ];
}

describe("a request that goes wrong", () => {
  const once_ = (fault: Fault, when: (asked: Asked) => boolean) => {
    let left = 1;
    failing((asked) => (when(asked) && left-- > 0 ? fault : null));
  };
  const faults: [string, Fault][] = [
    ["is throttled", { status: 400, name: "ProvisionedThroughputExceededException" }],
    ["meets an error of the server", { status: 500, name: "InternalServerError" }],
    ["gets half an answer", "half"],
    ["is cut", "cut"],
    ["is cut after it was done", "done, then cut"],
    ["gets no answer", "hang"],
  ];
  const kinds = ["UpdateItem", "PutItem", "Query", "BatchWriteItem"];
  const each = faults.flatMap(([name, fault]) =>
    kinds.slice(fault === "hang" ? 2 : 0).map((kind) => [kind, name, fault] as const),
  );
  it.each(each)("%s that %s once is sent again, and counts once", async (kind, _, fault) => {
    const { table } = await prepared();
    once_(fault, ({ action }) => action === kind);
    const store = open(table, { timeout: 1_000 });
    const change = kind === "BatchWriteItem" ? large : small;
    await work(store, (one) => one.remember("prod", change));
    const other = open(table);
    expect((await other.recall("prod")).size).toBe(12 + change.sightings.length);
    expect(await other.progress("prod")).toEqual(change.progress);
    const lease = await other.lease("prod", 0);
    await lease.release();
  });

  it("a change of the head whose answer is lost, and that is sent again, is ours", async () => {
    const { table } = await prepared();
    for (const nth of [1, 2]) {
      let seen = 0;
      failing(({ action }) => (action === "UpdateItem" && ++seen === nth ? "done, then cut" : null));
      const store = open(table);
      const lease = await store.lease("prod", 0);
      await store.remember("prod", { ...nothingNew(at(5)), letters: [letter(`n${nth}`)] });
      await lease.release();
    }
    expect((await open(table).letters("prod")).map(({ id }) => id)).toEqual(["n1", "n2"]);
  });

  it("a run that is asked for, whose answer is lost, and that is sent again, is kept and is nobody else's", async () => {
    const store = open(await local.table());
    once_("done, then cut", ({ action }) => action === "PutItem");
    expect(await store.askRun(askedRun("a", { at: 10 }), 0)).toBe(true);
    expect(await store.askedRun("a", 10)).toEqual(askedRun("a", { at: 10 }));
    expect(await store.askRun(askedRun("b", { at: 11 }), 0)).toBe(false);
  });

  it("a part of a pack that was left without its first is taken away", async () => {
    const { table } = await prepared();
    const left = { pk: { S: "packs#prod" }, sk: { S: "log#0000000001-ffffffffffff#0001" } };
    const more = { data: { B: Buffer.from("any") }, parts: { N: "2" } };
    await local.client.send(new PutItemCommand({ TableName: table, Item: { ...left, ...more } }));
    await work(open(table), (store) => store.remember("prod", small));
    expect(await garbageIn(table)).toEqual([]);
  });

  it("rows that a batch left are taken away by a later one", async () => {
    const { table } = await prepared();
    once_("unprocessed", ({ action }) => action === "BatchWriteItem");
    const store = open(table);
    const lease = await store.lease("prod", 0);
    await store.remember("prod", large);
    local.forget();
    await store.remember("prod", nothingNew(at(5)));
    await lease.release();
    expect(local.asked.map(({ action }) => action)).toContain("BatchWriteItem");
    expect(await garbageIn(table)).toEqual([]);
  });

  it.each([
    [{ status: 400, name: "ProvisionedThroughputExceededException" }, /takes no more requests/, /PAY_PER_REQUEST/],
    [
      {
        status: 400,
        name: "AccessDeniedException",
        message: "User: arn:aws:iam::1:user/a is not authorized to perform: dynamodb:Query on resource: b",
      },
      /access is denied to dynamodb:Query$/,
      /UpdateItem/,
    ],
    [{ status: 400, name: "UnrecognizedClientException" }, /credentials/, /credentials/],
    [{ status: 400, name: "ResourceNotFoundException" }, /no such table/, /aws dynamodb create-table .*--table-name/],
    [
      { status: 400, name: "ValidationException", message: "The provided key element does not match the schema" },
      /its keys are others/,
      /pk \(partition\) and sk \(sort\)/,
    ],
    ["hang", /no answer in time/, /./],
  ] as [Fault, RegExp, RegExp][])("that stays %j says what to do", async (fault, message, mend) => {
    const { table } = await prepared();
    failing(() => fault);
    const store = open(table, { timeout: 100, tries: 2 });
    const said = {
      code: "store/unavailable",
      message: expect.stringMatching(message),
      mend: expect.stringMatching(mend),
    };
    await expect(store.lease("prod", 0)).rejects.toMatchObject(said);
    await expect(store.recall("prod")).rejects.toMatchObject(said);
    await expect(store.remember("prod", small)).rejects.toMatchObject(said);
    await expect(store.rehearse("prod")).rejects.toMatchObject(said);
    await expect(store.rule(verdict("a"))).rejects.toMatchObject(said);
  });

  it("a table with other keys, a table that is not there, and DynamoDB that is not there say so", async () => {
    await expect(open("not-there").recall("prod")).rejects.toMatchObject({
      code: "store/unavailable",
      mend: expect.stringContaining("aws dynamodb create-table --table-name not-there"),
    });
  });

  it("a release that fails is no failure of the run", async () => {
    const { table } = await prepared();
    const store = open(table, { tries: 1 });
    const lease = await store.lease("prod", 0);
    failing(() => "cut");
    await lease.release();
  });
});

describe("a state that is replaced while it is read", () => {
  it("is read again", async () => {
    const { table } = await prepared();
    const writer = open(table);
    let meanwhile = true;
    failing(() => null);
    local.fault = async ({ action }) => {
      if (action !== "Query" || !meanwhile) return null;
      meanwhile = false;
      await writer.remember("prod", large);
      return null;
    };
    const reader = open(table);
    expect((await reader.recall("prod")).size).toBe(24);
    expect(meanwhile).toBe(false);
  });
});

describe("a read that need not be consistent, and does not have what was written last", () => {
  it("is made again, consistently", async () => {
    const { table, before } = await prepared();
    failing(({ action }) => (action === "Query" ? "stale" : null));
    expect(await toldBy(open(table))).toBe(before);
    const next = open(table);
    await work(next, (store) => store.remember("prod", small));
    expect((await open(table).recall("prod")).size).toBe(32);
  });
});
