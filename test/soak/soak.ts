/** Runs over simulated weeks in one process, by the true run path with a state file, held against what the mesh knows. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Lookup, Resolver } from "../../lib/enrich/resolver.ts";
import { ScoutError } from "../../lib/errors.ts";
import type { Finding, Message } from "../../lib/model.ts";
import type { Channel } from "../../lib/notify/channel.ts";
import { openStore } from "../../lib/remember/index.ts";
import { type Parts, type Scan, scout } from "../../lib/scout.ts";
import { placeText } from "../../lib/words/address.ts";
import { randomOf } from "../bench/detect/random.ts";
import { fakeTelemetry } from "../poll/fake-telemetry.ts";
import { usualOrder } from "../scout-make.ts";
import { tempFolder } from "../tools/temp.ts";
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

/** @param runs how many; @param seed of all that happens */
export async function soak(runs: number, seed = 1): Promise<Soaked> {
  const folder = tempFolder("soak");
  const path = join(folder.path, "state.db");
  const random = randomOf(seed + 1);
  const mesh = soakMesh(seed, begin, 0.05);
  const book = keepBook();
  const marks: Mark[] = [];
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
    telemetry.stored = mesh.stored;
    telemetry.questions.length = 0;
    const isAway = !isCalm && end !== null && random.next() < 0.01;
    telemetry.refuse = () => {
      if (isAway) throw new ScoutError("prometheus/bad-query", "it is away");
    };
    for (const one of channels.values()) one.at(now, isCalm);
    const store = await openStore(`sqlite:${path}`);
    try {
      const before = end === null ? new Set<string>() : book.known;
      const order = { ...usualOrder, to: now, now, learn: day, routes: [{ match: {}, channels: ["sns"] }] };
      const scan = await scout({ ...parts, store }, order);
      if (end !== null) book.check(scan, { end, calls, before });
      for (const name of calls.keys()) book.known.add(name);
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
        book.snoozed.set(chosen.id, until);
        ends.push(until);
        soaked.verdicts += 1;
      }
      if (isLast && (await store.letters("prod")).length > 0) book.faults.push("letters wait at the end");
    } catch (thrown) {
      if (!isAway) throw thrown;
      soaked.failed += 1;
    } finally {
      await store.close();
    }
    soaked.runs += 1;
  };

  const every = Math.max(1, Math.floor(runs / 40));
  for (let run = 1; run <= runs; run++) {
    await oneRun(run > runs - calm, run === runs);
    if (run % every === 0) marks.push({ run, heap: heapUsed(), called: mesh.called.size, ...sizeOf(path) });
    // A run in fifty is left out, as by a cron job whose machine is away.
    now += random.next() < 0.02 ? 3 * step : step;
  }
  const rows = marks.at(-1)?.rows.sighting;
  if (rows !== book.known.size) book.faults.push(`${rows} sightings of ${book.known.size} destinations`);
  book.checkTold();
  folder.remove();
  const refused = [...channels.values()].reduce((sum, one) => sum + one.refused(), 0);
  const more = { days: (now - begin) / day, bursts: mesh.bursts(), refused, told: book.taken.size };
  return { ...soaked, ...more, marks, quiet, faults: book.faults };
}

/** What a flow is called, as the mesh calls it. */
const flowOf = ({ source, destination }: Finding): string =>
  `${source.namespace}/${source.workload} ${destination.host ?? placeText(destination)} ${destination.verdict}`;

interface Checked {
  end: number;
  /** Calls since the last run that came to its end, by flow. */
  calls: ReadonlyMap<string, number>;
  /** Flows that were called before. */
  before: ReadonlySet<string>;
}

/** What was told, held against the truth as it comes, so that nothing piles up but names and ids. */
function keepBook() {
  const faults: string[] = [];
  const known = new Set<string>();
  const ids = new Map<string, string>();
  const taken = new Set<string>();
  const owed = new Set<string>();
  const told = new Set<string>();
  const snoozed = new Map<string, number>();
  return {
    faults,
    known,
    taken,
    snoozed,
    check(scan: Scan, { end, calls, before }: Checked): void {
      if (scan.window.from !== end) faults.push(`a window from ${scan.window.from} after one to ${end}`);
      // What a verdict kept back and is told when that ends is of another window.
      const own = scan.findings.filter(({ id }) => !scan.changed?.has(id));
      const fresh = own.filter(({ kind }) => kind === "new-destination" || kind === "new-blocked");
      const counts = new Map(fresh.map((one) => [flowOf(one), one.count]));
      const wanted = new Map([...calls].filter(([name]) => !before.has(name)));
      for (const name of new Set([...counts.keys(), ...wanted.keys()])) {
        if (counts.get(name) === wanted.get(name)) continue;
        faults.push(`${name}: ${wanted.get(name) ?? "no"} calls, and ${counts.get(name) ?? "none"} told`);
      }
      for (const one of scan.findings) {
        // Each burst of blocked calls is an episode with an id of its own.
        const what = `${one.kind} ${flowOf(one)}${one.kind === "blocked-spike" ? ` ${one.firstSeen}` : ""}`;
        if ((ids.get(what) ?? one.id) !== one.id) faults.push(`${what} has two ids`);
        ids.set(what, one.id);
        if (one.verdict === undefined) owed.add(one.id);
      }
    },
    took(channel: string, message: Message): void {
      const id = `${channel} ${message.id}`;
      if (taken.has(id)) faults.push(`${id} was told twice`);
      taken.add(id);
      for (const { id: finding } of message.findings) {
        told.add(finding);
        const until = snoozed.get(finding) ?? 0;
        if (message.reason === "repeat" && message.at < until) faults.push(`${finding} was told while snoozed`);
      }
    },
    checkTold(): void {
      const untold = [...owed].filter((id) => !told.has(id));
      if (untold.length > 0) faults.push(`${untold.length} findings were never told`);
    },
  };
}

/** A channel that takes nothing for some hours every two days; it keeps a receipt for each finding. */
function fickle(name: string, random: ReturnType<typeof randomOf>, book: ReturnType<typeof keepBook>) {
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

setFlagsFromString("--expose-gc");
const collect: unknown = runInNewContext("gc");

export function heapUsed(): number {
  if (typeof collect !== "function") throw new Error("this Node has no gc()");
  // What finalizers let go is collected by the second.
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

function sizeOf(path: string): Pick<Mark, "bytes" | "rows"> {
  const database = new DatabaseSync(path, { readOnly: true });
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
  const rows = tables.map(({ name }) => {
    const all = database.prepare(`SELECT count(*) AS rows FROM ${String(name)}`).get();
    return [String(name), Number(all?.rows)] as const;
  });
  database.close();
  return { bytes: statSync(path).size, rows: Object.fromEntries(rows) };
}
