/** A channel that cannot be opened: its messages wait, and the others are told. */
import { isRetryable, ScoutError } from "../errors.ts";
import type { Channel } from "./channel.ts";

/** @param why what is missing, such as a secret; said at each send, as `channel/refused` or `channel/unavailable` */
export function closedChannel(name: string, why: ScoutError): Channel {
  const code = isRetryable(why) ? "channel/unavailable" : "channel/refused";
  return {
    name,
    async send() {
      throw new ScoutError(code, `channel ${name}: ${why.message}`, { mend: why.mend });
    },
  };
}
