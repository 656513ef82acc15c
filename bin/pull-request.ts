/** `plan --pull-request`: a pull request for each owner. */
import type { ClusterConfig, Config } from "../lib/config/schema.ts";
import { ScoutError } from "../lib/errors.ts";
import type { ExistingEntry } from "../lib/model.ts";
import type { Planned } from "../lib/plan.ts";
import type { Proposed } from "../lib/propose/proposed.ts";
import type { Machine } from "../lib/wire.ts";
import { exitCode, printError } from "./failure.ts";

/** What became of the pull requests; `tellFailures` says on stderr which failed, and gives the exit code. */
export interface Outcome {
  done: readonly Proposed[];
  tellFailures(): number;
}

/**
 * What proposes a plan, loaded on demand. Where the repository itself cannot be read, that is told with the failures: the plan is printed all
 * the same.
 * @throws ConfigError, ScoutError `usage` or `secret/unavailable` for its settings
 */
export async function proposer(
  config: Config,
  cluster: ClusterConfig["name"],
  how: { dryRun: boolean },
  machine: Machine,
): Promise<(planned: Planned, entries: readonly ExistingEntry[]) => Promise<Outcome>> {
  const { proposePlan, wirePropose } = await import("../lib/wire/propose.ts");
  const proposing = await wirePropose(config, cluster, how, machine);
  return async (planned, entries) => {
    try {
      const { done, warnings } = await proposePlan(planned, entries, proposing);
      for (const one of warnings) machine.log.warn(one);
      return { done, tellFailures: () => failures(done) };
    } catch (thrown) {
      return {
        done: [],
        tellFailures: () => {
          printError(thrown);
          return exitCode(thrown);
        },
      };
    }
  };
}

function failures(done: readonly Proposed[]): number {
  for (const { team, error } of done) {
    if (error === null) continue;
    const { code, message, mend } = error;
    printError(new ScoutError(code, `the pull request of ${team}: ${message}`, { mend }));
  }
  return done.some(({ error }) => error !== null) ? 1 : 0;
}
