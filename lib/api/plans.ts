/** Plans on demand: one at a time for each cluster, and the last one kept for a while. No I/O of its own. */
import type { Planned } from "../plan.ts";
import type { Plans } from "./parts.ts";

/** So long a plan is given out again, ms: Prometheus is asked a lot for one. */
const keptFor = 60_000;

interface Kept {
  asked: string;
  planned: Promise<Planned>;
  /** When it was done, ms; null while it is made. */
  at: number | null;
}

/** @param make one plan, of Prometheus as it is now */
export function oneAtATime(
  make: (cluster: string, since: Parameters<Plans["plan"]>[1]) => Promise<Planned>,
  now: () => number,
): Plans {
  const kept = new Map<string, Kept>();
  return {
    async plan(cluster, since) {
      const asked = JSON.stringify(since);
      const before = kept.get(cluster);
      if (before !== undefined && before.asked === asked && (before.at === null || now() < before.at + keptFor))
        return await before.planned;
      if (before !== undefined && before.at === null) return null;
      const one: Kept = { asked, planned: make(cluster, since), at: null };
      kept.set(cluster, one);
      try {
        const planned = await one.planned;
        one.at = now();
        return planned;
      } catch (thrown) {
        kept.delete(cluster);
        throw thrown;
      }
    },
  };
}
