/** A cell of the matrix: runs that meet a fault, runs after it has gone, and what must be true of them all. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { ScanDocument } from "../../lib/report/scan-schema.ts";
import { type Ended, type RunOptions, runScout } from "../command/run-scout.ts";
import { channelsOf, type Outside, type OutsideOptions, openOutside } from "./outside.ts";
import type { World } from "./world.ts";

/** What became of the faulted run: done all the same, told by a later run, or killed. */
export type Shown = "borne" | "told later" | "killed";

/** What a cell is about, before it is run. */
export interface Cell {
  part: string;
  fault: string;
  step: string;
  store?: "sqlite" | "dynamodb";
  run(one: Stage): Promise<Shown>;
}

/** What came of it. */
export interface Outcome {
  shown: Shown;
  /** What is not as it should be; empty where all is well. */
  faults: string[];
}

/** What a cell has to work with. */
export interface Stage {
  world: World;
  cluster: string;
  store: "sqlite" | "dynamodb";
  /** Opens the cell's outside; closed when the cell is over. */
  open(options?: Omit<OutsideOptions, "cluster">): Promise<Outside>;
  /** Opens it to run in the place of the machine's other cells: see `scan`. */
  scan(outside: Outside, at: number | null, how?: ScanOptions): Promise<Ran>;
  /** Notes what is not as it should be. */
  fault(what: string): void;
}

export interface ScanOptions extends Pick<RunOptions, "started" | "under"> {
  env?: Record<string, string> | undefined;
  args?: string[] | undefined;
}

export interface Ran extends Ended {
  document: ScanDocument | null;
}

/** Nobody waits longer for a run, ms: what takes longer hangs. */
const patience = 150_000;

/** One run of the built command. @param at the run's end, ms; null for the machine's clock */
export async function scan(
  outside: Outside,
  at: number | null,
  { env, args = [], started, under }: ScanOptions = {},
): Promise<Ran> {
  let timer: NodeJS.Timeout | undefined;
  const when = at === null ? [] : ["--at", String(at / 1000)];
  const ended = await runScout(["scan", ...outside.args, ...when, ...args], {
    env: { ...outside.env, ...env },
    cwd: outside.dir,
    under,
    started(child) {
      timer = setTimeout(() => child.kill("SIGABRT"), patience);
      started?.(child);
    },
  });
  clearTimeout(timer);
  return { ...ended, document: ended.stdout === "" ? null : JSON.parse(ended.stdout) };
}

/** Lines that a run that failed may say: code, what it met and what to do. */
const said = /^egress-scout: [a-z]+\/[a-z-]+: .+; .+$/;

/** Does the exit code say what was done? `heard`: what each channel has taken by now, as `channel finding`. */
export function lies({ code, stderr, document }: Ran, heard: ReadonlySet<string>): string[] {
  const lines = stderr
    .trimEnd()
    .split("\n")
    .filter((line) => line !== "");
  const notes = (document?.findings ?? []).flatMap(({ id, notified }) => notified.map((one) => ({ ...one, id })));
  const untold = new Set(notes.flatMap(({ channel, ok }) => (ok ? [] : [channel])));
  const out: [isSo: boolean, text: string][] = [
    [code !== 0 && code !== 1, `exit ${code}: ${stderr}`],
    [code === 0 && document === null, "exit 0 without a result"],
    [code === 0 && untold.size > 0, `exit 0, and ${[...untold]} not told`],
    [code === 0 && lines.length > 0, `exit 0, and stderr has ${stderr}`],
    [code === 1 && lines.length === 0, "exit 1, and nothing on stderr"],
    [code === 1 && document === null && lines.length !== 1, `could not finish, in ${lines.length} lines: ${stderr}`],
    ...lines.map((line): [boolean, string] => [!said.test(line), `not a code, what and what to do: ${line}`]),
    ...notes.map(({ channel, id, ok }): [boolean, string] => [
      ok && !heard.has(`${channel} ${id}`),
      `${channel} is said to be told of ${id}, and has nothing`,
    ]),
  ];
  return out.flatMap(([isSo, text]) => (isSo ? [text] : []));
}

export const heardBy = async (outside: Outside): Promise<Set<string>> =>
  new Set((await outside.told()).map(({ channel, finding }) => `${channel} ${finding}`));

/** What must be true in the end. */
export async function wrongs(world: World, outside: Outside, runs: readonly Ran[], until: number): Promise<string[]> {
  const [heard, told] = [outside.heard(), await outside.told()];
  const found = new Map(heard.map((one) => [one.id, one]));
  for (const { id, kind, state, source, destination, owner } of runs.flatMap(
    ({ document }) => document?.findings ?? [],
  )) {
    const news = `${source.namespace}/${source.workload} ${destination.verdict} ${destination.protocol} ${destination.host ?? destination.address}:${destination.port}`;
    if (state === "open") found.set(id, { id, kind, team: owner.team, news });
  }
  const out: string[] = [];
  const isNew = (kind: string) => kind === "new-destination" || kind === "new-blocked";
  for (const ways of world.news(until)) {
    const ids = [...found.values()].filter(({ kind, news }) => isNew(kind) && ways.includes(news)).map(({ id }) => id);
    if (ids.length !== 1) out.push(`${ways.join(" or ")} is told under ${ids.length} ids`);
  }
  const known = new Set(world.news(until).flat());
  for (const { id, kind, team, news } of found.values()) {
    if (isNew(kind) && !known.has(news)) out.push(`${news} was not new`);
    for (const channel of channelsOf(team)) {
      const messages = new Set(
        told.filter((one) => one.finding === id && one.channel === channel).map(({ message }) => message),
      );
      if (messages.size === 0) out.push(`${channel} never heard of ${kind} ${news}`);
      if (isNew(kind) && messages.size > 1) out.push(`${channel} heard of ${news} in ${messages.size} messages`);
    }
  }
  const output = runs.map(({ stdout, stderr }) => stdout + stderr).join("\n");
  return [...out, ...(await outside.leaks(output)), ...outside.objections(), ...leftBehind(outside)];
}

/** Files beside the state that should be gone, and a lock that is still held. */
function leftBehind({ state }: Outside): string[] {
  const file = /^sqlite:(.*)$/.exec(state)?.[1];
  if (file === undefined) return [];
  const folder = join(file, "..");
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith("state.db")) : [];
  const strays = files.filter((name) => !/^state\.db(-lock-[0-9a-f]{8})?$/.test(name));
  const held = files.filter((name) => name.includes("-lock-") && isHeld(join(folder, name)));
  return [...strays.map((name) => `${name} is left behind`), ...held.map((name) => `${name} is still held`)];
}

function isHeld(lock: string): boolean {
  const database = new DatabaseSync(lock, { timeout: 0 });
  try {
    database.exec("BEGIN EXCLUSIVE");
    return false;
  } catch {
    return true;
  } finally {
    database.close();
  }
}

/** Runs a cell from its beginning to its end. */
export async function play(
  world: World,
  cluster: string,
  cell: Cell,
  slot: <T>(work: () => Promise<T>) => Promise<T>,
): Promise<Outcome> {
  const faults: string[] = [];
  const opened: Outside[] = [];
  const stage: Stage = {
    world,
    cluster,
    store: cell.store ?? "sqlite",
    async open(options = {}) {
      const outside = await openOutside(world, { cluster, store: cell.store, ...options });
      opened.push(outside);
      return outside;
    },
    scan: (...what) => slot(() => scan(...what)),
    fault: (what) => void faults.push(what),
  };
  try {
    return { shown: await cell.run(stage), faults };
  } finally {
    await Promise.all(opened.map((one) => one.close()));
  }
}

/** How runs go on after the fault has gone. */
export interface After {
  env?: Record<string, string>;
  /** The end of the run; null for the machine's clock, which `env` has set. */
  at?: number | null;
  /** Until when everything must be told by then. */
  until?: number;
  /** One more run, that has nothing to tell. */
  quiet?: boolean;
}

/** A run after the fault has gone is well, and in the end all is as it should be. `runs`: those before. */
export async function healed(stage: Stage, outside: Outside, runs: readonly Ran[], after: After = {}): Promise<void> {
  const { world, fault } = stage;
  const { env, at = world.times.second, until = world.times.second, quiet = false } = after;
  const well = async (time: number | null): Promise<Ran> => {
    const ran = await stage.scan(outside, time, { env });
    if (ran.code !== 0) fault(`after the fault: exit ${ran.code}: ${ran.stderr}`);
    for (const one of lies(ran, await heardBy(outside))) fault(`after the fault: ${one}`);
    return ran;
  };
  const all = [...runs, await well(at)];
  if (quiet) {
    const before = (await outside.told()).length;
    all.push(await well(world.times.third));
    if ((await outside.told()).length !== before) fault("a quiet run told something again");
  }
  for (const one of await wrongs(world, outside, all, until)) fault(one);
}
