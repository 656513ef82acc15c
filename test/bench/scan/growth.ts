/** (b) What a scan costs as more and more is remembered, while the mesh calls the same and the same few are new. */
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { sqlite } from "../../../lib/remember/sqlite.ts";
import { nothingNew } from "../../../lib/remember/store.ts";
import { lifelikes } from "../../remember/lifelike.ts";
import { took } from "../process.ts";
import { median, type Row, rowOf } from "../row.ts";
import { expectCounts, type Held, hold } from "./held.ts";

export interface GrowthSize {
  /** Called in every run; the first size has no more than these. */
  flows: number;
  sizes: readonly number[];
  rounds: number;
}

interface Cost {
  known: number;
  /** Start to end, ms, and how much of it went by while what is remembered was read. */
  ms: number;
  readMs: number;
  /** Of all processors, ms: what the process took, and what of it while it read. */
  cpuMs: number;
  readCpuMs: number;
  /** Statements run in the state file beside those that read sightings, and rows that they changed. */
  statements: number;
  changed: number;
}

const fresh = 10;
/** So many times the first size's time is still called flat: what else the machine does is in both. */
const flat = 1.3;

export async function benchGrowth({ flows, sizes, rounds }: GrowthSize): Promise<{ rows: Row[]; details: Cost[] }> {
  const held = await hold({ flows, pods: 5, tls: "none", fresh });
  try {
    const states = new Map<number, string>();
    for (const known of sizes) states.set(known, await grown(held, flows, known));
    const costs = sizes.map((): Cost[] => []);
    // In turns, so that what else the machine does meets all.
    for (let round = 0; round <= rounds; round++)
      for (const [index, known] of sizes.entries()) {
        const cost = costOf(held, flows, known, states.get(known) ?? "");
        if (round > 0) costs[index]?.push(cost);
      }
    const details = costs.map((some) => medians(some));
    const [first, ...others] = details;
    return { rows: first === undefined ? [] : others.flatMap((one) => rowsOf(first, one)), details };
  } finally {
    await held.stop();
  }
}

function rowsOf(first: Cost, { known, ...cost }: Cost): Row[] {
  const text = `${fresh} new, ${known} known`;
  const against = `the same with ${first.known} known`;
  return [
    rowOf("b", {
      figure: `${text}: without reading what is known`,
      unit: "ms",
      ours: cost.ms - cost.readMs,
      baseline: first.ms - first.readMs,
      against,
      limit: { of: "ratio", most: flat },
    }),
    rowOf("b", {
      figure: `${text}: processors' time without reading what is known`,
      unit: "ms",
      ours: cost.cpuMs - cost.readCpuMs,
      baseline: first.cpuMs - first.readCpuMs,
      against,
      limit: { of: "ratio", most: flat },
    }),
    rowOf("b", {
      figure: `${text}: reading what is known`,
      unit: "ms",
      ours: cost.readMs,
      baseline: first.readMs,
      against,
    }),
    rowOf("b", {
      figure: `${text}: other statements`,
      unit: "count",
      ours: cost.statements,
      baseline: first.statements,
      against,
      limit: { of: "ratio", most: 1 },
    }),
    rowOf("b", {
      figure: `${text}: rows written`,
      unit: "count",
      ours: cost.changed,
      baseline: first.changed,
      against,
      limit: { of: "ratio", most: 1 },
    }),
  ];
}

/** The state before the run that meets what is new, with so many more sightings that nobody calls now. */
async function grown(held: Held, flows: number, known: number): Promise<string> {
  const state = join(held.folder, `known-${known}.db`);
  copyFileSync(held.states.new, state);
  const store = sqlite(state);
  const progress = await store.progress("bench");
  if (progress === null) throw new Error("nothing was learned");
  await store.remember("bench", { ...nothingNew(progress), sightings: lifelikes(known - flows) });
  await store.close();
  return state;
}

function costOf(held: Held, flows: number, known: number, state: string): Cost {
  const { ms, stdout, stderr } = took(process.execPath, ["--import", counting, ...held.scan("new", state)]);
  expectCounts(stdout, { known: flows, findings: fresh });
  return { known, ms, ...JSON.parse(/^counted (.*)$/m.exec(stderr)?.[1] ?? "") };
}

const medians = (costs: readonly Cost[]): Cost => {
  const of = (name: keyof Cost) => median(costs.map((one) => one[name]));
  return {
    known: of("known"),
    ms: of("ms"),
    readMs: of("readMs"),
    cpuMs: of("cpuMs"),
    readCpuMs: of("readCpuMs"),
    statements: of("statements"),
    changed: of("changed"),
  };
};

/**
 * Counts statements as they run; sightings are read from the first page of them to the next other statement: with that go what they are
 * decoded to and kept in, and what comes of Prometheus' answers meanwhile.
 */
const counting = `data:text/javascript,${encodeURIComponent(`
const { DatabaseSync, StatementSync } = process.getBuiltinModule("node:sqlite");
const cpu = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };
let statements = 0, changed = 0, since = null, readMs = 0, readCpuMs = 0;
for (const name of ["all", "get", "run"]) {
  const own = StatementSync.prototype[name];
  StatementSync.prototype[name] = function (...values) {
    const isRead = / FROM sighting /.test(this.sourceSQL);
    if (isRead) since ??= { ms: performance.now(), cpu: cpu() };
    else {
      if (since !== null) { readMs += performance.now() - since.ms; readCpuMs += cpu() - since.cpu; since = null; }
      statements += 1;
    }
    const answer = own.apply(this, values);
    if (name === "run") changed += Number(answer.changes);
    return answer;
  };
}
process.on("exit", () => process.stderr.write("\\ncounted " + JSON.stringify({ readMs, cpuMs: cpu(), readCpuMs, statements, changed }) + "\\n"));
`)}`;
