import type { LogLine, Window } from "../../model.ts";

/** Where access logs are kept. */
export interface AccessLogs {
  /** For people: `Loki at https://loki.example`, `the file proxy.log`. Holds no secret. */
  name: string;
  /** How long after it was written a line may come, ms: so far before the window it is looked for as well. */
  late: number;
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
