import type { Message } from "../model.ts";

/**
 * What the other side answered for what it took (a message's place in Slack, an alert as it was posted), under keys of the channel's
 * own: a finding's id, or a message's. Kept by the store. All methods may throw ScoutError `store/…`.
 */
export interface Receipts {
  get(key: string): Promise<string | null>;
  all(): Promise<ReadonlyMap<string, string>>;
  /** Kept when it resolves; null takes one away. */
  keep(changes: ReadonlyMap<string, string | null>): Promise<void>;
}

/** How findings stand at the end of a run, by id. */
export interface Standing {
  open: ReadonlySet<string>;
  /** Open, and somebody decided that nobody is to hear of them. */
  silenced: ReadonlySet<string>;
}

/** Where a message goes. */
export interface Channel {
  /** The name the config gives it. */
  name: string;
  /** Only of a channel that leaves some time between two messages: resolves when the next one would go out at once. */
  ready?(): Promise<void>;
  /**
   * Resolves when the other side has taken the message, and only then. Sending the same message twice is harmless as far as the
   * channel can make it so (`message.id` is stable). What it keeps among its receipts is kept even where it fails later.
   * @throws ScoutError `channel/refused` (will not go through unchanged), `channel/unavailable` or `channel/rate-limited` (may, later)
   */
  send(message: Message, receipts?: Receipts): Promise<void>;
  /**
   * Only of a channel whose other side forgets what is not said again: says so of every finding it has told that is still open.
   * @throws as `send`
   */
  refresh?(standing: Standing, receipts: Receipts): Promise<void>;
}
