/** What is beside the point: without it, what was to be done is done all the same. */
import { ScoutError } from "../errors.ts";

/** Why it could not be done, after `what`; nothing where it was. */
export async function warned(what: string, work: () => Promise<unknown>): Promise<string[]> {
  try {
    await work();
    return [];
  } catch (thrown) {
    if (!(thrown instanceof ScoutError)) throw thrown;
    return [`${what}: ${thrown.message}`];
  }
}
