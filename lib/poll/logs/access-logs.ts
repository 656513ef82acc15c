import { ScoutError } from "../../errors.ts";
import type { LogLine, Window } from "../../model.ts";

/** Where access logs are kept. */
export interface AccessLogs {
  /** For people: `Loki at https://loki.example`, `the file proxy.log`. Holds no secret. */
  name: string;
  /** A line may come some time after it was written: then what metrics tell now may be in the log of a later run. */
  late: boolean;
  /** So many lines of it are looked at in one run; null for all. */
  most: number | null;
  /**
   * The lines of the window (from, to], and perhaps others, in batches, in constant memory. Throws ScoutError `logs/…` where it
   * cannot go on; the lines it gave before hold.
   */
  read(window: Window): AsyncIterable<readonly LogLine[]>;
}

/** No line may be longer, characters: the rest of it is passed over. */
export const longestLine = 256 * 1024;

/** So long a server's logs are read in one run, ms: a slow one must not keep the run from its end. */
export const longestRead = 2 * 60_000;

/** There is more than a run has time for: to read it again would end the same. */
export class OutOfTime extends ScoutError {}

/** The logs were read for `budget` ms, and there is more. */
export const outOfTime = (name: string, budget: number): ScoutError =>
  new OutOfTime("logs/refused", `${name} was read for ${budget / 1000} s, and there is more`, {
    mend: "narrow what it is asked for (logs.loki.query, logs.cloudwatch.filter)",
  });
