/** What a run is wired from besides the config: where the program runs, and what the call says. */
import type { Readable } from "node:stream";
import type { Log } from "../words/log.ts";

/** Where the program runs: what it may read besides the config. */
export interface Machine {
  env: Readonly<Record<string, string | undefined>>;
  now: () => number;
  log: Log;
  /** Where `-` is read from; where there is none, nothing can be given so. */
  stdin?: Readable;
  /** Where somebody ends the process at a time of his own: a signal that ends what is asked, and how long there is until then, ms. */
  limit?: { signal: AbortSignal; left: () => number } | undefined;
}

/** What a call says beyond the config; null where it says nothing. Times and durations in ms. */
export interface Call {
  at: number | null;
  since: { back: number } | { at: number } | null;
  learn: number | null;
  noLearn: boolean;
  dryRun: boolean;
  dns: readonly string[];
  /** Files and folders of manifests in force; where there are any they are read in the place of the config's. */
  existing: readonly string[];
  /** Files of access logs, `-` for stdin; where there are any they are read in the place of the config's. */
  logs?: readonly string[];
}
