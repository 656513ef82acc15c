/**
 * ADAPTER: one DynamoDB table. What a cluster remembers is a head, which is changed, and packs, which are not: a snapshot and a log of changes.
 * A change is new packs and then one conditional write of the head, so that it is there as a whole or not at all, without transactions.
 */
import { randomUUID } from "node:crypto";
import * as z from "zod";
import { rulings, type ToldFinding, type Verdict } from "../model.ts";
import { Memory } from "../words/memory.ts";
import { clusterIn, type OneCluster } from "./dynamodb-cluster.ts";
import { toHead } from "./dynamodb-head.ts";
import type { LeaseSettings } from "./dynamodb-lease.ts";
import { askedRun, askRun, keepRun } from "./dynamodb-runs.ts";
import { openTable, type Table } from "./dynamodb-table.ts";
import { damaged } from "./packs.ts";
import { type Room, receiptsOf } from "./room.ts";
import type { Call } from "./room-rows.ts";
import { type Change, mostFindings, type Store } from "./store.ts";

export interface DynamodbSettings extends Partial<LeaseSettings> {
  now: () => number;
  /** Milliseconds for one try of a request, and how many there are. */
  timeout?: number;
  tries?: number;
}

/** A run that lives renews it; one that was killed keeps the next ones waiting for so long at most, ms. */
const usualLease = 120_000;
const usual = { leaseFor: usualLease, endsBy: null, timeout: 5_000, tries: 5 };

/**
 * @param place a table's name, or its ARN; nobody is asked before the first call
 * Its methods throw `store/unavailable`, `store/corrupt`, `store/too-new` (written by a later version) and, where they write, `store/busy`.
 */
export function dynamodb(place: string, settings: DynamodbSettings): Store {
  const all = { ...usual, ...settings };
  const table = openTable({ table: place, timeout: all.timeout, tries: all.tries });
  const clusters = new Map<string, OneCluster>();
  let latest: OneCluster | undefined;
  /** Outside a run no more than one cluster is held in memory. */
  const at = (cluster: string): OneCluster => {
    const found = clusters.get(cluster) ?? clusterIn(table, cluster, all);
    clusters.set(cluster, found);
    if (latest !== found) latest?.forget();
    latest = found;
    return found;
  };
  const reading =
    <T>(look: (room: Room) => T) =>
    (cluster: string) =>
      at(cluster).read(look);
  const change = (cluster: string, call: Call) => at(cluster).change(async () => call);
  return {
    lease: (cluster, patience) => at(cluster).lease(patience),
    progress: (cluster) => at(cluster).progress(),
    recall: reading(({ sightings }) => new Memory(sightings.values())),
    open: reading(({ open }) => new Map(open)),
    tellings: reading(({ tellings }) => new Map(tellings)),
    habits: reading(({ habits }) => new Map(habits)),
    answers: reading(({ answers }) => new Map(answers)),
    letters: reading(({ letters }) => [...letters.values()]),
    outages: reading(({ outages }) => new Map(outages)),
    findings: (cluster, ids) => at(cluster).read(({ findings }) => pick(findings, ids)),
    receipts: (cluster, channel) => at(cluster).read((room) => receiptsOf(room, channel)),
    remember: (cluster, change) =>
      at(cluster).change(async (room) => ({ kind: "remember", change, ruled: await ruled(table, room, change) })),
    told: (cluster, letterId) =>
      at(cluster).change(async ({ letters }) => (letters.has(letterId) ? { kind: "told", letterId } : null)),
    unsent: (cluster, unsent) => change(cluster, { kind: "unsent", unsent }),
    keepReceipts: (cluster, channel, changes, when) =>
      change(cluster, { kind: "receipts", channel, changes: [...changes], at: when }),
    rehearse: (cluster) => rehearse(table, cluster, all.now()),
    clusters: () => clustersOf(table),
    verdicts: () => verdictsOf(table),
    rule: (verdict) => table.put(verdictKey(verdict.id), { verdict: { S: JSON.stringify(verdict) } }),
    unrule: (id) => table.remove(verdictKey(id)),
    askRun: (run, since) => askRun(table, run, since),
    keepRun: (run) => keepRun(table, run),
    askedRun: (id, now) => askedRun(table, id, now),
    async close() {
      for (const one of clusters.values()) one.abandon();
      table.close();
    },
  };
}

function pick(findings: ReadonlyMap<string, ToldFinding>, ids: ReadonlySet<string> | undefined) {
  if (ids === undefined) return new Map(findings);
  return new Map([...ids].flatMap((id) => [findings.get(id)].flatMap((one) => (one === undefined ? [] : [[id, one]]))));
}

/** Findings that somebody decided about, where some are to be forgotten: written with the change, so that it is the same whenever it is read. */
async function ruled(table: Table, { findings }: Room, change: Change): Promise<string[]> {
  if (change.findings.length === 0 || findings.size + change.findings.length <= mostFindings) return [];
  const added = new Set(change.findings.map(({ id }) => id));
  return [...(await verdictsOf(table)).keys()].filter((id) => findings.has(id) || added.has(id));
}

async function clustersOf(table: Table): Promise<string[]> {
  const names: string[] = [];
  for await (const rows of table.partition("heads", true)) {
    for (const row of rows) {
      const name = row.sk?.S ?? "";
      if (toHead(`the row heads/${name} of the table ${table.name}`, row).progress !== null) names.push(name);
    }
  }
  return names.sort();
}

const verdictKey = (id: string) => ({ pk: "verdicts", sk: id });
/** What else a verdict says was written by ourselves. */
const verdictShape = z.custom<Verdict>(
  (one) => z.looseObject({ id: z.string(), verdict: z.enum(rulings) }).safeParse(one).success,
);

async function verdictsOf(table: Table): Promise<Map<string, Verdict>> {
  const verdicts = new Map<string, Verdict>();
  for await (const rows of table.partition("verdicts", true)) {
    for (const { sk, verdict } of rows) {
      if (verdict?.S === undefined) continue;
      const one = verdictOf(table, sk?.S ?? "", verdict.S);
      verdicts.set(one.id, one);
    }
  }
  return verdicts;
}

function verdictOf(table: Table, id: string, text: string): Verdict {
  try {
    return verdictShape.parse(JSON.parse(text));
  } catch (cause) {
    throw damaged(`the row verdicts/${id} of the table ${table.name}`, "it is no verdict", cause);
  }
}

const day = 24 * 60 * 60;

/** Every kind of request that a run makes, beside what it reads. Where it is killed in the middle, the table's TTL takes away what is left. */
async function rehearse(table: Table, cluster: string, now: number): Promise<void> {
  const trial = `rehearsal#${randomUUID()}`;
  const ttl = Math.floor(now / 1000) + day;
  const row = { pk: "heads", sk: trial };
  const part = { pk: trial, sk: cluster };
  await table.put(part, { ttl: { N: String(ttl) } });
  await table.put(row, { ttl: { N: String(ttl) } });
  await table.updateHead(trial, { set: { until: now }, condition: "attribute_not_exists(#owner)" });
  await table.head(trial);
  for await (const _ of table.partition(trial, false));
  await table.removeAll([part]);
  await table.remove(row);
}
