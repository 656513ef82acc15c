/** Runs over simulated weeks in one process, by the true run path with a state file, held against what the mesh knows. */

// First: what is called before is compiled as ever.
import "./heap.ts";

import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Lookup, Resolver } from "../../lib/enrich/resolver.ts";
import { ScoutError } from "../../lib/errors.ts";
import type { Channel } from "../../lib/notify/channel.ts";
import { openStore } from "../../lib/remember/index.ts";
import { type Parts, type Scan, scout } from "../../lib/scout.ts";
import { randomOf } from "../bench/detect/random.ts";
import { fakeTelemetry } from "../poll/fake-telemetry.ts";
import { usualOrder } from "../scout-make.ts";
import { tempFolder } from "../tools/temp.ts";
import { type Book, keepBook } from "./book.ts";
import { heapUsed } from "./heap.ts";
import { day, soakMesh } from "./mesh.ts";

const minute = 60_000;
/** From one run to the next, ms. */
const step = 30 * minute;
const begin = Date.UTC(2026, 8, 1);

/** In the last runs all are there: what waits for its next try comes then. */
const calm = 30;

/** How things stood after some of the runs. */
export interface Mark {
  run: number;
  /** After a collection of garbage. */
  heap: number;
  /** Of the state file. */
  bytes: number;
  /** Destinations that were ever called. */
  called: number;
  rows: Readonly<Record<string, number>>;
}

export interface Soaked {
  runs: number;
  failed: number;
  days: number;
  marks: Mark[];
  /** Queries of a run that neither found nor counted anything, by how many such runs asked so often, for each quarter. */
  quiet: Map<number, number>[];
  told: number;
  findings: number;
  bursts: number;
  spikes: number;
  refused: number;
  verdicts: number;
  expired: number;
  /** What went another way than it should. */
  faults: string[];
}

export interface SoakOptions {
  /** Of all that happens; 1. */
  seed?: number;
  /** How often to measure; 40. */
  measures?: number;
  /** Called after each run: what it keeps, the soak has to see. */
  after?: (run: number) => void;
}

/**
 * What is called for the first time takes memory for good: code, and what V8 learns of types. With runs of the same seed made before, the heap of a
 * soak shows what the runs leave behind, and no more.
 */
export const warmUp = (seed: number): Promise<Soaked> => soak(200, { seed, measures: 20 });

/** @param runs how many */
export async function soak(runs: number, { seed = 1, measures = 40, after }: SoakOptions = {}): Promise<Soaked> {
  const folder = tempFolder("soak");
  const path = join(folder.path, "state.db");
  const random = randomOf(seed + 1);
  const mesh = soakMesh(seed, begin, 0.05);
  const book = keepBook();
  const every = Math.max(1, Math.floor(runs / measures));
  // All made before the first run, and as big as they will be.
  const marks = Array.from({ length: Math.floor(runs / every) }, blank);
  const quiet = [0, 1, 2, 3].map(() => new Map<number, number>());
  const soaked = { runs: 0, failed: 0, findings: 0, spikes: 0, verdicts: 0, expired: 0 };
  const telemetry = fakeTelemetry();
  const channels = new Map(["slack", "sns"].map((name) => [name, fickle(name, randomOf(seed + name.length), book)]));
  const parts: Omit<Parts, "store"> = {
    ...{ telemetry, channels, resolver, owners: [{ team: "shop", channels: ["slack"] }], teams: {} },
    ...{ warnings: [], entries: [], objects: [], reviewed: [], logs: [] },
    log: { error() {}, warn() {}, info() {}, debug() {}, progress() {} },
  };
  const calls = new Map<string, number>();
  let end: number | null = null;
  let now = begin + day;
  let ends: number[] = [];

  const oneRun = async (isCalm: boolean, isLast: boolean): Promise<void> => {
    for (const [name, count] of mesh.live(now)) calls.set(name, (calls.get(name) ?? 0) + count);
    telemetry.stored = mesh.stored();
    const isAway = !isCalm && end !== null && random.next() < 0.01;
    telemetry.refuse = () => {
      if (isAway) throw new ScoutError("prometheus/bad-query", "it is away");
    };
    for (const one of channels.values()) one.at(now, isCalm);
    const store = await openStore(`sqlite:${path}`);
    try {
      const order = { ...usualOrder, to: now, now, learn: day, routes: [{ match: {}, channels: ["sns"] }] };
      const scan = await scout({ ...parts, store }, order);
      if (end !== null) book.check(scan, { end, calls });
      book.knows(calls.keys());
      calls.clear();
      end = scan.window.to;
      soaked.findings += scan.findings.length;
      soaked.spikes += scan.findings.filter(({ kind, state }) => kind === "blocked-spike" && state === "open").length;
      noteQuiet(quiet, scan, soaked.runs / runs);
      soaked.expired += ends.filter((one) => one <= now).length;
      ends = ends.filter((one) => one > now);
      const chosen = scan.findings[0];
      if (chosen !== undefined && random.next() < 0.3) {
        const until = now + Math.ceil(random.next() * 5) * day;
        await store.rule({ id: chosen.id, verdict: "snoozed", until, reason: null, by: "soak", at: now });
        book.snooze(chosen.id, until);
        ends.push(until);
        soaked.verdicts += 1;
      }
      if (isLast && (await store.letters("prod")).length > 0) book.faults.push("letters wait at the end");
    } catch (thrown) {
      if (!isAway) throw thrown;
      soaked.failed += 1;
    } finally {
      await store.close();
      // What the run was asked and answered is no part of what it leaves behind.
      telemetry.stored = [];
      telemetry.questions = [];
    }
    soaked.runs += 1;
  };

  for (let run = 1; run <= runs; run++) {
    await oneRun(run > runs - calm, run === runs);
    after?.(run);
    const mark = run % every === 0 ? marks[run / every - 1] : undefined;
    if (mark !== undefined) Object.assign(mark, { run, heap: await heapUsed(), called: mesh.called() }, sizeOf(path));
    // A run in fifty is left out, as by a cron job whose machine is away.
    now += random.next() < 0.02 ? 3 * step : step;
  }
  const rows = marks.at(-1)?.rows.sighting;
  if (rows !== book.known()) book.faults.push(`${rows} sightings of ${book.known()} destinations`);
  book.checkTold();
  const refused = [...channels.values()].reduce((sum, one) => sum + one.refused(), 0);
  const more = { days: (now - begin) / day, bursts: mesh.bursts(), refused, told: book.taken() };
  book.close();
  folder.remove();
  return { ...soaked, ...more, marks, quiet, faults: book.faults };
}

/** A channel that takes nothing for some hours every two days; it keeps a receipt for each finding. */
function fickle(name: string, random: ReturnType<typeof randomOf>, book: Book) {
  let [awayUntil, refused, isUp] = [0, 0, false];
  const channel: Channel = {
    name,
    async send(message, receipts) {
      if (!isUp) {
        refused += 1;
        throw new ScoutError("channel/unavailable", `${name} is away`);
      }
      book.took(name, message);
      await receipts?.keep(new Map(message.findings.map(({ id }) => [id, `${message.at}`])));
    },
  };
  return {
    ...channel,
    at(now: number, isCalm: boolean) {
      if (now > awayUntil && random.next() < step / (2 * day)) awayUntil = now + random.next() * day * 0.4;
      isUp = isCalm || now > awayUntil;
    },
    refused: () => refused,
  };
}

function noteQuiet(quiet: readonly Map<number, number>[], scan: Scan, share: number): void {
  const own = quiet[Math.min(3, Math.floor(share * 4))];
  if (scan.mode === "learn" || scan.findings.length > 0 || scan.known < scan.observations) return;
  own?.set(scan.queries, (own.get(scan.queries) ?? 0) + 1);
}

/** Every address has a name that resolves back. */
const resolver: Resolver = {
  servers: ["192.0.2.53:53"],
  reverse: async (address) => found([`host-${address.replaceAll(".", "-")}.example.net`]),
  forward: async (host) => forward(host),
  again: async (host) => forward(host),
};
const found = (values: string[]): Lookup => ({ status: "found", values, ttl: 60_000 });
const forward = (host: string): Lookup =>
  found([/^host-([\d-]+)\./.exec(host)?.[1]?.replaceAll("-", ".") ?? "198.51.100.9"]);

const tables = ["sighting", "told_finding", "open_finding", "answer", "receipt", "habit"];

const rowsBy = (count: (table: string) => number): Mark["rows"] =>
  Object.fromEntries(tables.map((table) => [table, count(table)]));
const blank = (): Mark => ({ run: 0, heap: 0, bytes: 0, called: 0, rows: rowsBy(() => 0) });

function sizeOf(path: string): Pick<Mark, "bytes" | "rows"> {
  const database = new DatabaseSync(path, { readOnly: true });
  const rows = rowsBy((table) => Number(database.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.rows));
  database.close();
  return { bytes: statSync(path).size, rows };
}
