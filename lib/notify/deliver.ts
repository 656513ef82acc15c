/** Letters → channels. A channel that is down delays its own letters only. */
import { asScoutError, isRetryable, type ScoutError } from "../errors.ts";
import type { Letter, Message } from "../model.ts";
import type { Channel, Receipts } from "./channel.ts";

/** What became of one letter: `ok` where the channel said yes, else the error. */
export interface Delivery {
  letter: Letter;
  ok: boolean;
  error: ScoutError | null;
}

/** The same message to the same channel has the same id, in every process. */
export function letterTo(channel: string, message: Message): Letter {
  return { id: `${message.id}/${channel}`, channel, message };
}

/**
 * Sends letters, oldest first, channel by channel and the channels side by side. After a failure that may pass, the channel's later
 * letters wait for the next run; one that is refused holds nobody up.
 * @param told called when the channel has said yes, and awaited before its next letter goes out
 * @param receipts what a letter's channel answered before, and where it keeps what it answers now
 */
export async function deliver(
  letters: readonly Letter[],
  channels: ReadonlyMap<string, Channel>,
  told: (letter: Letter) => Promise<void>,
  receipts?: (letter: Letter) => Receipts,
): Promise<Delivery[]> {
  const names = [...new Set(letters.map((one) => one.channel))].sort();
  const all = names.map(async (name) => {
    const own = letters.filter((one) => one.channel === name);
    const channel = channels.get(name);
    return channel === undefined ? [] : await deliverTo(channel, own, told, receipts);
  });
  return (await Promise.all(all)).flat();
}

async function deliverTo(
  channel: Channel,
  letters: readonly Letter[],
  told: (letter: Letter) => Promise<void>,
  receipts?: (letter: Letter) => Receipts,
): Promise<Delivery[]> {
  const done: Delivery[] = [];
  let down: ScoutError | null = null;
  for (const letter of letters) {
    const error: ScoutError | null = down ?? (await trySend(channel, letter.message, receipts?.(letter)));
    if (error === null) await told(letter);
    else if (isRetryable(error)) down = error;
    done.push({ letter, ok: error === null, error });
  }
  return done;
}

async function trySend(channel: Channel, message: Message, receipts?: Receipts): Promise<ScoutError | null> {
  try {
    await channel.send(message, receipts);
    return null;
  } catch (thrown) {
    return asScoutError(thrown);
  }
}
