/** What sending takes and gives, in words that its files share. */
import type { ScoutError } from "../errors.ts";
import type { Failure, Letter } from "../model.ts";
import type { Channel, Receipts } from "./channel.ts";

/** What became of one letter: `ok` where the channel said yes, else the error. A letter that another channel took comes twice. */
export interface Delivery {
  letter: Letter;
  ok: boolean;
  error: ScoutError | null;
  /** Only where its own channel did not take it: the one that did. */
  insteadTo?: string;
}

/** What is known before a run sends. */
export interface Sending {
  channels: ReadonlyMap<string, Channel>;
  /** Channels that took nothing when they were tried last. */
  outages: ReadonlyMap<string, Failure>;
  /** By channel, the one to tell in its place. */
  fallbacks: Readonly<Record<string, string>>;
  /** The run's end, ms. */
  now: number;
  /** So long a run sends, ms; what is not begun by then waits for the next. */
  budget: number;
  /** Called when a channel has said yes, and awaited before its next letter goes out. */
  told: (letter: Letter) => Promise<void>;
  /** All letters that wait, also those that are not due; default those that are sent. */
  outbox?: readonly Letter[];
  /** What a channel answered before, and where it keeps what it answers now. */
  receipts?: (channel: string) => Receipts;
}

export interface Delivered {
  deliveries: Delivery[];
  /** Of letters that still wait, by id: those that failed once more. */
  failures: (readonly [letterId: string, failure: Failure])[];
  /** What changed about channels; null for one that takes letters again. */
  outages: (readonly [channel: string, outage: Failure | null])[];
  /** Letters that nobody tried, since the time was up. */
  left: Letter[];
}
