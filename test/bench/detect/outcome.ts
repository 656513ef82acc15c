/** What a detector made of one series. */
import type { Excess } from "./incidents.ts";

export interface Outcome {
  /** Episodes of the second fortnight that nothing caused. */
  falseEpisodes: number;
  /** For every incident, the poll that found it: 1 is the first one that contains any of it; null where none of its six did. */
  found: { excess: Excess; poll: number | null }[];
}
