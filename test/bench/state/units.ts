/** What runs cost with the state in DynamoDB: read and write units by DynamoDB's rules, and time beside a bare Query of the same pages. */
import { paginateQuery, QueryCommand } from "@aws-sdk/client-dynamodb";
import { dynamodb } from "../../../lib/remember/dynamodb.ts";
import { nothingNew, type Store } from "../../../lib/remember/store.ts";
import { letter, toldFinding } from "../../contract/store.ts";
import { finding } from "../../notify/sample.ts";
import { lifelike, lifelikes } from "../../remember/lifelike.ts";
import { type Dynamodb, startDynamodb, type Units } from "../../tools/dynamodb.ts";

export interface RunUnits extends Units {
  run: "learn" | "quiet" | "10 new";
  sightings: number;
  ms: number;
  /** A bare Query over all pages of the cluster, right after, in the same way; null where the run read none. */
  queryMs: number | null;
}

const day = 24 * 60 * 60_000;
const step = 5 * 60_000;
const begin = Date.UTC(2026, 10, 1);

/** A run as lib/scout.ts makes it, as far as the store goes. */
export async function runOnce(
  store: Store,
  end: number,
  { added = 0, seen = [] as ReturnType<typeof lifelikes> } = {},
) {
  const lease = await store.lease("prod", 0);
  await store.progress("prod");
  const memory = await store.recall("prod");
  await store.open("prod");
  const ids = new Set((await store.verdicts()).keys());
  await store.findings("prod", ids);
  for (const read of [store.answers, store.habits, store.tellings]) await read("prod");
  const news = lifelikes(added, memory.size);
  const told = news.map(({ key }) => finding({ id: key }));
  const isNews = memory.size > 0 && added > 0;
  await store.remember("prod", {
    ...nothingNew({ end, learningSince: null, judgedUntil: end }),
    sightings: [...seen, ...news],
    letters: isNews ? [{ ...letter(`l-${end}`), message: { ...letter("l").message, findings: told } }] : [],
    findings: isNews ? news.map(({ key }) => toldFinding(key)) : [],
  });
  for (const { id } of await store.letters("prod")) await store.told("prod", id);
  await store.outages("prod");
  await lease.release();
}

export async function benchState(sizes: readonly number[]): Promise<RunUnits[]> {
  const local = await startDynamodb();
  try {
    const rows: RunUnits[] = [];
    for (const size of sizes) rows.push(...(await ofSize(local, size)));
    return rows;
  } finally {
    await local.stop();
  }
}

async function ofSize(local: Dynamodb, sightings: number): Promise<RunUnits[]> {
  const table = await local.table();
  const store = dynamodb(table, { now: Date.now });
  const rows: RunUnits[] = [];
  for (const [run, added] of [
    ["learn", sightings],
    ["quiet", 0],
    ["10 new", 10],
  ] as const) {
    local.forget();
    const started = performance.now();
    await runOnce(store, begin + rows.length * step, { added });
    const ms = performance.now() - started;
    const units = { ...local.units };
    rows.push({ run, sightings, ...units, ms, queryMs: run === "learn" ? null : await bareQuery(local, table) });
  }
  await store.close();
  return rows;
}

async function bareQuery(local: Dynamodb, table: string): Promise<number> {
  const started = performance.now();
  let from: Record<string, never> | undefined;
  do {
    const answer = await local.viaDoor.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": { S: "packs#prod" } },
        ExclusiveStartKey: from,
      }),
    );
    from = answer.LastEvaluatedKey as typeof from;
  } while (from !== undefined);
  return performance.now() - started;
}

export interface DayUnits extends Units {
  sightings: number;
  /** Stored at its end, bytes. */
  bytes: number;
}

/** A day of runs every five minutes: every sighting is written again once, and each hour brings ten new ones that are told. */
export async function benchDay(sightings: number): Promise<DayUnits> {
  const local = await startDynamodb();
  try {
    const table = await local.table();
    const store = dynamodb(table, { now: Date.now });
    await runOnce(store, begin, { added: sightings });
    local.forget();
    const runs = day / step;
    for (let run = 0; run < runs; run++) {
      const end = begin + (run + 1) * step;
      const from = Math.floor((run * sightings) / runs);
      const seen = Array.from({ length: Math.floor(((run + 1) * sightings) / runs) - from }, (_, index) =>
        lifelike(from + index, { lastSeen: end, count: run + index, total: run + index }),
      );
      await runOnce(store, end, { added: run % 12 === 0 ? 10 : 0, seen });
    }
    const units = { ...local.units };
    await store.close();
    return { sightings, ...units, bytes: await storedIn(local, table) };
  } finally {
    await local.stop();
  }
}

/** By pages: DynamoDB answers a Query with a megabyte at most. */
async function storedIn(local: Dynamodb, table: string): Promise<number> {
  const asked = {
    TableName: table,
    KeyConditionExpression: "pk = :pk",
    ExpressionAttributeValues: { ":pk": { S: "packs#prod" } },
  };
  let bytes = 0;
  for await (const { Items = [] } of paginateQuery({ client: local.client }, asked))
    bytes += Items.reduce((sum, row) => sum + (row.data?.B?.length ?? 0), 0);
  return bytes;
}

export function printState(rows: readonly RunUnits[]): void {
  console.log("\nState in DynamoDB (dynalite): units of a run, and its time beside a bare Query of the same pages");
  console.log("| known | run | read units | write units | ms | bare Query ms |\n|--:|---|--:|--:|--:|--:|");
  for (const { sightings, run, read, write, ms, queryMs } of rows) {
    const query = queryMs === null ? "" : queryMs.toFixed(0);
    console.log(`| ${sightings} | ${run} | ${read} | ${write} | ${ms.toFixed(0)} | ${query} |`);
  }
}
