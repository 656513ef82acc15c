import type { Message } from "../model.ts";

/** Where a message goes. */
export interface Channel {
  /** The name the config gives it. */
  name: string;
  /**
   * Resolves when the other side has taken the message, and only then. Sending the same message twice is harmless as far as the
   * channel can make it so (`message.id` is stable).
   * @throws ScoutError `channel/refused` (will not go through unchanged), `channel/unavailable` or `channel/rate-limited` (may, later)
   */
  send(message: Message): Promise<void>;
}
