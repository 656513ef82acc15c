/** `scan --watch`: run after run; on a terminal a live view, elsewhere the output of each. */

import type { Finding } from "../lib/model.ts";
import { callsCourse } from "../lib/poll/calls.ts";
import { type LiveCluster, type LiveView, liveText } from "../lib/report/live.ts";
import type { Order, Parts } from "../lib/scout.ts";
import { wireStore } from "../lib/wire.ts";
import { formatDuration } from "../lib/words/duration.ts";
import { again, lasting } from "./again.ts";
import { textSettings } from "./colour.ts";
import { errorText, printError } from "./failure.ts";
import { isLive, type LiveScreen, liveScreen } from "./live-screen.ts";
import { type Ran, type Runs, runAll } from "./scan-run.ts";
import type { CommandLog } from "./stderr-log.ts";

/** Calls are shown of the last hour, in so long steps, ms: two scrapes are in each. */
const pictured = { back: 60 * 60_000, step: 2 * 60_000 };
/** Of what was found since it began. */
const mostFound = 500;

/**
 * Every `every` ms. What one run cannot do is said, and the next one tries again; usage or config that was wrong from the beginning ends it.
 * @param isText whether the output is for a person, who gets the live view at a terminal
 */
export async function watchScan(runs: Runs, every: number, isText: boolean): Promise<number> {
  // A memory that is closed is gone; all other state is opened for each run, like any run's.
  const kept = runs.state === "memory:" && !runs.call.dryRun ? await wireStore(runs.state, false) : undefined;
  if (!isText || !isLive())
    return await again(
      every,
      lasting(() => runAll(runs, kept), printError),
    );
  const view: LiveView & { clusters: LiveCluster[]; found: Finding[]; said: string[] } = {
    title: `egress-scout scan, every ${formatDuration(every)}`,
    doing: "starting",
    nextAt: Date.now(),
    clusters: runs.clusters.map(({ name }) => unseen(name)),
    found: [],
    said: [],
  };
  const screen = liveScreen((size) => liveText(view, { ...textSettings(), ...size, now: Date.now() }));
  const watched: Runs = {
    ...runs,
    log: liveLog(view, runs.log, screen),
    async ended(ran, wired) {
      const index = view.clusters.findIndex((one) => one.cluster === ran.cluster);
      const before = view.clusters[index] ?? unseen(ran.cluster);
      view.clusters[index] = await seen(before, ran, wired);
      view.found = [...(ran.scan?.findings ?? []), ...view.found].slice(0, mostFound);
      screen.draw();
    },
  };
  const failed = (thrown: unknown) => {
    view.clusters = view.clusters.map((one) => ({ ...one, errors: [errorText(thrown)] }));
  };
  const pausing = (nextAt: number) => {
    Object.assign(view, { doing: null, nextAt });
    screen.draw();
  };
  try {
    const run = async () => {
      watched.log.about("");
      return await runAll(watched, kept);
    };
    return await again(every, lasting(run, failed), pausing);
  } finally {
    screen.close();
    // What ended it is to stay when the screen has gone.
    for (const one of new Set(view.clusters.flatMap(({ errors }) => errors))) process.stderr.write(`${one}\n`);
  }
}

const unseen = (cluster: string): LiveCluster => ({
  ...{ cluster, last: null, endedAt: null },
  ...{ errors: [], open: [], calls: null },
});

async function seen(
  before: LiveCluster,
  { scan, errors }: Ran,
  wired: { parts: Parts; order: Order } | null,
): Promise<LiveCluster> {
  const told = errors.map(errorText);
  if (scan === null || wired === null) return { ...before, errors: told };
  const { parts, order } = wired;
  const window = { from: order.to - pictured.back, to: order.to };
  return {
    ...{ cluster: before.cluster, last: scan, endedAt: Date.now(), errors: told },
    // Beside the point of a run: without them it is still told.
    open: await parts.store.open(order.cluster).then(
      (open) => [...open.values()],
      () => before.open,
    ),
    calls: await callsCourse(parts.telemetry, order, window, pictured.step).catch(() => null),
  };
}

/** What would be written over the screen is shown on it; a stderr that goes elsewhere keeps its lines. */
function liveLog(view: LiveView & { said: string[] }, log: CommandLog, screen: LiveScreen): CommandLog {
  let drawnAt = 0;
  let cluster = "";
  const doing = (text: string) => {
    view.doing = cluster === "" ? text : `${cluster}: ${text}`;
    if (Date.now() - drawnAt < 100) return;
    drawnAt = Date.now();
    screen.draw();
  };
  const about = (name: string) => {
    cluster = name;
    doing("starting");
  };
  const shown = { about, progress: doing, tell: doing, announce: doing, done: () => {} };
  if (process.stderr.isTTY !== true) return { ...log, ...shown };
  const say = (text: string) => void view.said.push(text);
  return { ...shown, error: say, warn: say, info: () => {}, debug: () => {} };
}
