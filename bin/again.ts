/** A command that runs again and again. */
import { setTimeout as wait } from "node:timers/promises";
import { exitCode } from "./failure.ts";

/** A timer that is to take longer, 24 days, does not wait at all. */
const longest = 2 ** 31 - 1;

/**
 * Runs at once and then every `every` ms from one beginning to the next, until it is interrupted, its reader has gone (0), or `run`
 * answers a code, which is that of the command. `pausing` gets the time of the next run (ms).
 */
export async function again(
  every: number,
  run: () => Promise<number | null>,
  pausing: (nextAt: number) => void = () => {},
): Promise<number> {
  let isRead = true;
  const gone = new AbortController();
  process.stdout.on("error", () => {
    isRead = false;
    gone.abort();
  });
  while (isRead) {
    const begun = Date.now();
    const code = await run();
    if (code !== null) return code;
    pausing(begun + every);
    do {
      const left = Math.max(0, begun + every - Date.now());
      await wait(Math.min(left, longest), undefined, { signal: gone.signal }).catch(() => {});
    } while (isRead && Date.now() < begun + every);
  }
  return 0;
}

/**
 * A run for `again`: null where a later one may do better. Wrong usage or config ends it with 2, unless it was right before: then a file was
 * changed, and may be right the next time.
 */
export function lasting(run: () => Promise<number>, failed: (thrown: unknown) => void): () => Promise<number | null> {
  let wasRight = false;
  return async () => {
    let code = 2;
    try {
      code = await run();
    } catch (thrown) {
      failed(thrown);
      code = exitCode(thrown);
    }
    wasRight ||= code !== 2;
    return wasRight ? null : 2;
  };
}
