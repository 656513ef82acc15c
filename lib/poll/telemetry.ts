import type { Samples, Series } from "../model.ts";

/** Asks what holds the metrics. All methods throw ScoutError `prometheus/…`. */
export interface Telemetry {
  /** An instant query at a time (ms) that gives a vector. */
  vector(promql: string, at: number): Promise<Series[]>;
  /** An instant query at a time (ms) of a range selector: the samples as they are stored. */
  samples(promql: string, at: number): Promise<Samples[]>;
  /** A range query over [from, to] (ms) at steps (ms): what an instant query would give at each of them. */
  range(promql: string, from: number, to: number, step: number): Promise<Samples[]>;
  /** How many queries were asked, and what the server warned of, so far; and its clock when it answered last, ms, where it tells. */
  asked(): { queries: number; warnings: string[]; clock?: number | null };
}
