/** Slack gives up after 3 s, and a function has to start first: what takes longer is answered later. */
import type { Reply } from "./reply.ts";

/** What is said within this is the answer itself, ms. */
const atOnce = 1_500;

/**
 * @param say told by its signal that nobody waits any more: from then on it must write nothing
 * @returns null where it takes longer
 * @throws what `say` throws in time
 */
export async function soon(say: (signal: AbortSignal) => Promise<Reply>): Promise<Reply | null> {
  const late = new AbortController();
  const waiting = Promise.withResolvers<null>();
  const timer = setTimeout(() => {
    late.abort();
    waiting.resolve(null);
  }, atOnce);
  const saying = say(late.signal);
  // It may fail when nobody looks any more.
  saying.catch(() => {});
  return await Promise.race([saying, waiting.promise]).finally(() => clearTimeout(timer));
}
