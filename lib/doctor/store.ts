/** Can the state be opened, read and written? */
import { isRetryable } from "../errors.ts";
import { ok, type Said, some, warn } from "./check.ts";
import type { StorePart } from "./patient.ts";

/** A real write, in one step that leaves nothing behind. */
export async function checkStore(part: StorePart, clusters: readonly string[]): Promise<Said> {
  try {
    const store = await part.open();
    try {
      let waiting = 0;
      const ends: number[] = [];
      for (const cluster of clusters) {
        await store.rehearse(cluster);
        const progress = await store.progress(cluster);
        if (progress !== null) ends.push(progress.end);
        waiting += (await store.letters(cluster)).length;
      }
      return judge(part, ends, waiting);
    } finally {
      await store.close();
    }
  } catch (thrown) {
    if (!isRetryable(thrown) || !(thrown instanceof Error)) throw thrown;
    return warn(
      thrown.message,
      "Somebody else is writing: a run waits for a minute, and then fails.",
      "ask again when the other run is done",
    );
  } finally {
    part.tidy();
  }
}

function judge({ place, isNew }: StorePart, ends: readonly number[], waiting: number): Said {
  if (place === "memory:") {
    return warn(
      "memory: keeps nothing",
      "Every run is a first one: it learns, or tells everything again.",
      "use --state sqlite:PATH on a disk that stays",
    );
  }
  if (isNew) return ok(`${place} can be made`, "There is no state yet: the first run learns.");
  const last = ends.length === 0 ? "no run yet" : `the last run ended at ${new Date(Math.max(...ends)).toISOString()}`;
  const due = waiting === 0 ? "" : `; ${some(waiting, "message")} to be sent by the next run`;
  return ok(`${place} can be read and written; ${last}${due}`, "What runs find is remembered.");
}
