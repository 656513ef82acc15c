/** A run ends before Lambda ends it: its lease is given back, and the log says why. */
import { setTimeout as wait } from "node:timers/promises";
import type { Context } from "aws-lambda";
import { ScoutError } from "../lib/errors.ts";
import type { Machine } from "../lib/wire.ts";

/** What the end of an invocation needs: give the lease back, write the log and the metrics; ms. Of a short limit, a fifth. */
const reserve = 6_000;
/** After the signal, a run that does not end by itself is left alone; ms. */
const grace = 3_000;

/**
 * Does the work, which is told to end in time.
 * @throws what the work throws; ScoutError `interrupted` where its time was up
 */
export async function inTime<T>(
  context: Pick<Context, "getRemainingTimeInMillis">,
  work: (limit: NonNullable<Machine["limit"]>) => Promise<T>,
): Promise<T> {
  const all = context.getRemainingTimeInMillis();
  const kept = Math.min(reserve, all / 5);
  // Timers take whole milliseconds.
  const left = () => Math.max(0, Math.floor(context.getRemainingTimeInMillis() - kept));
  const signal = AbortSignal.timeout(left());
  const done = new AbortController();
  const late = async (): Promise<never> => {
    await wait(left() + Math.floor(Math.min(grace, kept / 2)), undefined, { signal: done.signal });
    throw timeIsUp(all);
  };
  try {
    return await Promise.race([work({ signal, left }), late()]);
  } catch (thrown) {
    throw signal.aborted && thrown instanceof ScoutError && thrown.code === "interrupted" ? timeIsUp(all) : thrown;
  } finally {
    done.abort();
  }
}

const timeIsUp = (all: number): ScoutError =>
  new ScoutError(
    "interrupted",
    `the run was not done within the function's time, of which ${Math.round(all / 1000)} s were left`,
    {
      mend: "nothing is lost: the next run covers this window; give the function more time or memory where it happens again",
    },
  );
