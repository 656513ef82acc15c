/** Cells of runs that meet each other, and of clocks that jump. */

import type { ChildProcess } from "node:child_process";
import { readdirSync, readlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type Cell, healed, heardBy, lies, type Ran, type Shown, type Stage } from "./cell.ts";
import type { Outside } from "./outside.ts";
import { afterLease } from "./parts.ts";
import { preloaded } from "./preloaded.ts";

const hour = 60 * 60_000;
const stores = ["sqlite", "dynamodb"] as const;

export const togetherCells = (): Cell[] => [
  ...stores.flatMap((store): Cell[] => [
    { part: "runs", fault: "longer than the interval", step: "the next one gives up", store, run: longer },
    { part: "runs", fault: "two at once", step: "the second waits", store, run: atOnce },
    { part: "clock", fault: "ahead by a day", step: "for a run", store, run: ahead },
    { part: "clock", fault: "back by an hour", step: "for a run", store, run: back },
    { part: "clock", fault: "--at goes back", step: "for a run", store, run: atGoesBack },
  ]),
  { part: "clock", fault: "ahead by a day", step: "for a run that is killed", store: "dynamodb", run: killedAhead },
];

/** Holds the first run at its first question until `until` says so, with another one beside it. */
async function beside(stage: Stage, until: (other: { ran: Promise<Ran>; isWaiting: () => boolean }) => Promise<void>) {
  const { first } = stage.world.times;
  let other: Promise<Ran> | undefined;
  let child: ChildProcess | undefined;
  let isHeld = false;
  let requests = 0;
  const outside: Outside = await stage.open({
    timeout: "120s",
    async step(part, when) {
      if (isHeld && part === "DynamoDB" && when === "after") requests += 1;
      if (part !== "Prometheus" || when !== "before" || other !== undefined) return false;
      isHeld = true;
      other = stage.scan(outside, first, {
        started(process) {
          child = process;
        },
      });
      const isWaiting = () => (stage.store === "dynamodb" ? requests >= 3 : hasLockOpen(child?.pid));
      await until({ ran: other, isWaiting });
      isHeld = false;
      return false;
    },
  });
  const one = await stage.scan(outside, first);
  if (other === undefined) throw new Error("the first run asked nothing");
  return { outside, one, other: await other };
}

/** Linux tells what a process has open. */
function hasLockOpen(pid: number | undefined): boolean {
  try {
    const folder = `/proc/${pid}/fd`;
    return readdirSync(folder).some((name) => readlinkSync(`${folder}/${name}`).includes("-lock-"));
  } catch {
    return false;
  }
}

async function atOnce(stage: Stage): Promise<Shown> {
  const { outside, one, other } = await beside(stage, async ({ isWaiting }) => {
    while (!isWaiting()) await sleep(20);
  });
  for (const ran of [one, other]) {
    if (ran.code !== 0) stage.fault(`exit ${ran.code}: ${ran.stderr}`);
    for (const lie of lies(ran, await heardBy(outside))) stage.fault(lie);
  }
  await healed(stage, outside, [one, other]);
  return "borne";
}

async function longer(stage: Stage): Promise<Shown> {
  const { outside, one, other } = await beside(stage, async ({ ran }) => void (await ran));
  if (one.code !== 0) stage.fault(`exit ${one.code}: ${one.stderr}`);
  if (other.code !== 1 || !other.stderr.includes("store/busy")) stage.fault(`exit ${other.code}: ${other.stderr}`);
  for (const ran of [one, other]) for (const lie of lies(ran, await heardBy(outside))) stage.fault(lie);
  await healed(stage, outside, [one, other]);
  return "told later";
}

/** A run's end is so long before the machine's clock, ms. */
const queryDelay = 15_000;

/** The machine's clock, so that a run without --at ends then. */
const clockFor = (end: number): Record<string, string> => preloaded({ clock: end + queryDelay - Date.now() });

/** What the mesh does after a run cannot be known to it: the Prometheus of that run ends with it. */
async function ahead(stage: Stage): Promise<Shown> {
  const { first, second, third } = stage.world.times;
  const outside = await stage.open({ early: true });
  const ran = await stage.scan(outside, null, { env: clockFor(first + 24 * hour) });
  for (const one of lies(ran, await heardBy(outside))) stage.fault(one);
  outside.late();
  await healed(stage, outside, [ran], { env: clockFor(second), at: null, until: second });
  await healed(stage, outside, [ran], { env: clockFor(third), at: null, until: third });
  return ran.code === 0 ? "borne" : "told later";
}

async function back(stage: Stage): Promise<Shown> {
  const { first, learned } = stage.world.times;
  const outside = await stage.open();
  const runs = [
    await stage.scan(outside, null, { env: clockFor(first) }),
    await stage.scan(outside, null, { env: clockFor(learned - hour / 2) }),
  ];
  for (const ran of runs) {
    if (ran.code !== 0) stage.fault(`exit ${ran.code}: ${ran.stderr}`);
    for (const one of lies(ran, await heardBy(outside))) stage.fault(one);
  }
  await healed(stage, outside, runs);
  return "borne";
}

async function atGoesBack(stage: Stage): Promise<Shown> {
  const { first, learned } = stage.world.times;
  const outside = await stage.open();
  const runs = [await stage.scan(outside, first), await stage.scan(outside, learned - hour / 2)];
  for (const ran of runs) {
    if (ran.code !== 0) stage.fault(`exit ${ran.code}: ${ran.stderr}`);
    for (const one of lies(ran, await heardBy(outside))) stage.fault(one);
  }
  await healed(stage, outside, runs);
  return "borne";
}

/** Its lease ends tomorrow by its own clock; nobody may have to wait for that. */
async function killedAhead(stage: Stage): Promise<Shown> {
  let child: ChildProcess | undefined;
  const outside = await stage.open({
    early: true,
    step(part) {
      return part === "Prometheus" && child?.kill("SIGKILL") === true;
    },
  });
  const ran = await stage.scan(outside, null, {
    env: clockFor(stage.world.times.first + 24 * hour),
    started(process) {
      child = process;
    },
  });
  child = undefined;
  if (ran.code !== null) stage.fault(`was not killed: exit ${ran.code}`);
  outside.late();
  await healed(stage, outside, [ran], { env: preloaded({ clock: afterLease }) });
  return "killed";
}
