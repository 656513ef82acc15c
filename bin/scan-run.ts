/** One run of each cluster: what `scan` does once, and again with `--watch`. */
import type { ClusterConfig, Config } from "../lib/config/index.ts";
import { ScoutError } from "../lib/errors.ts";
import { isSilenced } from "../lib/model.ts";
import { progressing } from "../lib/progress.ts";
import { type Order, type Parts, type Scan, scout } from "../lib/scout.ts";
import { type SelfWatch, watchSelf } from "../lib/wire/self.ts";
import { type Call, type Machine, order, wire, wireStore } from "../lib/wire.ts";
import { exitCode } from "./failure.ts";
import type { CommandLog } from "./stderr-log.ts";

/** What came of one cluster's run. */
export interface Ran {
  cluster: string;
  scan: Scan | null;
  /** Why there is none, or which channels could not be told. */
  errors: unknown[];
  code: number;
}

export interface Runs {
  config: Config;
  clusters: readonly ClusterConfig[];
  call: Call;
  state: string;
  log: CommandLog;
  failOnFindings: boolean;
  /** Gets each run as soon as it is over, and what it had been wired from where it came so far. */
  ended(ran: Ran, parts: { parts: Parts; order: Order } | null): void | Promise<void>;
}

/**
 * Runs one cluster after another; one that fails does not stop the others.
 * @param kept a store that stays open; without one, it is opened for this and closed
 * @throws ScoutError for a store that cannot be opened
 */
export async function runAll(runs: Runs, kept?: Awaited<ReturnType<typeof wireStore>>): Promise<number> {
  const { config, clusters, call, log, state } = runs;
  const machine: Machine = { env: process.env, now: Date.now, log, stdin: process.stdin };
  const self = await watchSelf(config, machine, { dryRun: call.dryRun });
  const store = kept ?? (await openedFor(clusters, self, () => wireStore(state, call.dryRun)));
  const codes: number[] = [];
  try {
    for (const cluster of clusters) {
      log.about(cluster.name);
      let wired: { parts: Parts; order: Order } | null = null;
      const ran = await runOne(runs, cluster.name, () =>
        self.watching(cluster.name, async () => {
          const parts = progressing(await wire(config, cluster, store, call, machine), log.tell);
          wired = { parts, order: order(config, cluster, call, machine) };
          return await scout(parts, wired.order);
        }),
      ).finally(() => log.done());
      await runs.ended(ran, wired);
      codes.push(ran.code);
    }
  } finally {
    if (kept === undefined) await store.close();
  }
  await self.end();
  return [2, 1, 3].find((code) => codes.includes(code)) ?? 0;
}

/** Without a store no cluster's run finishes, and the call is over. */
async function openedFor<T>(clusters: readonly ClusterConfig[], self: SelfWatch, open: () => Promise<T>): Promise<T> {
  const names = clusters.map(({ name }) => name);
  try {
    return await self.needing(names, open);
  } catch (thrown) {
    await self.end();
    throw thrown;
  }
}

async function runOne({ failOnFindings }: Runs, cluster: string, run: () => Promise<Scan>): Promise<Ran> {
  try {
    const scan = await run();
    const errors = untold(scan);
    return { cluster, scan, errors, code: errors.length > 0 ? 1 : failOnFindings && hasOpen(scan) ? 3 : 0 };
  } catch (thrown) {
    return { cluster, scan: null, errors: [thrown], code: exitCode(thrown) };
  }
}

/** What somebody has silenced is no reason to stop a pipeline. */
const hasOpen = ({ findings }: Scan) => findings.some((one) => one.state === "open" && !isSilenced(one));

/** Which channels could not be told; what one should have got stays due, unless its fallback took it. */
function untold({ deliveries }: Scan): ScoutError[] {
  const failed = deliveries.filter((one) => !one.ok);
  const byChannel = new Map(failed.map(({ letter, error }) => [letter.channel, error]));
  return [...byChannel].map(([channel, error]) => {
    const own = failed.filter((one) => one.letter.channel === channel);
    const instead = new Set(own.flatMap(({ insteadTo }) => insteadTo ?? []));
    const waiting = own.filter((one) => one.insteadTo === undefined).length;
    const said = `${channel} could not be told: ${error?.message ?? ""}`;
    const mends = [
      ...(instead.size > 0 ? [`${messages(own.length - waiting)} went to ${[...instead].join(", ")}`] : []),
      ...(waiting > 0 ? [`${messages(waiting)} kept for the next run`] : []),
    ];
    return new ScoutError(error?.code ?? "internal", said, { mend: mends.join(", ") });
  });
}

const messages = (count: number) => `${count} message${count === 1 ? "" : "s"}`;
