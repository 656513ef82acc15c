import type { ClassName } from "./classes.ts";
import type { Excess } from "./incidents.ts";

/** One detector on one class. */
export interface Row {
  detector: string;
  class: ClassName;
  seriesWeeks: number;
  falseEpisodes: number;
  falsePerWeek: number;
  sizes: Record<Excess, Found>;
}

export interface Found {
  incidents: number;
  found: number;
  share: number;
  /** Polls until half of those found were found, 1 being the first that contains any of the incident; null where none was. */
  medianPolls: number | null;
}
