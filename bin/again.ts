/** A command that runs again and again. */
import { setTimeout as wait } from "node:timers/promises";

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
    await wait(Math.max(0, begun + every - Date.now()), undefined, { signal: gone.signal }).catch(() => {});
  }
  return 0;
}
