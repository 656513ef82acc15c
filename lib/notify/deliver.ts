/** Letters → channels. A channel that is down delays its own letters only, and after an hour another one takes its letters. */
import type { Letter, Message } from "../model.ts";
import { deliverTo, isReady, trySend } from "./deliver-to.ts";
import { deliverInstead, type Instead } from "./instead.ts";
import { isEarly } from "./retry.ts";
import type { Delivered, Sending } from "./sending.ts";
import { inTurns, isReport, standIns } from "./stand-ins.ts";

/** The same message to the same channel has the same id, in every process. */
export function letterTo(channel: string, message: Message): Letter {
  return { id: `${message.id}/${channel}`, channel, message };
}

/**
 * Sends letters, oldest first, channel by channel and the channels side by side, for no longer than the budget, and then for as long to
 * fallbacks. After a failure that may pass, the channel's later letters wait until its next try is due; one that is refused or fails again and
 * again holds up none but those about the same findings, and is tried again later as well. What a channel did not take for an hour goes to
 * its fallback, under the same id.
 * @throws whatever `told` throws: then the letter goes out again
 */
export async function deliver(letters: readonly Letter[], sending: Sending): Promise<Delivered> {
  const { channels, fallbacks, now } = sending;
  const deadline = AbortSignal.timeout(sending.budget);
  const names = [...new Set(letters.map((one) => one.channel))].sort();
  const known = names.flatMap((name) => channels.get(name) ?? []);
  const outbox = new Map([...(sending.outbox ?? []), ...letters].map((one) => [one.id, one]));
  const heard = standIns(fallbacks, sending.receipts);
  async function told(letter: Letter): Promise<void> {
    if (!isReport(letter)) await heard.note(letter.channel, letter.message);
    await sending.told(letter);
    outbox.delete(letter.id);
  }
  const all = await Promise.all(
    known.map((channel) =>
      deliverTo(
        channel,
        letters.filter((one) => one.channel === channel.name),
        { ...sending, told },
        deadline,
      ),
    ),
  );
  const down = new Set(all.flatMap(({ outages }) => outages.flatMap(([name, one]) => (one === null ? [] : [name]))));
  for (const [name, outage] of sending.outages) {
    const isUp = all.some(({ outages }) => outages.some(([one, state]) => one === name && state === null));
    if (!isUp && isEarly(outage, now)) down.add(name);
  }
  // A channel that hung all the time must not cost its letters their fallback.
  const more = AbortSignal.timeout(sending.budget);
  const instead: Instead = {
    ...{ outbox, heard, down, inTurn: inTurns() },
    trying: async (channel, message) =>
      more.aborted || !(await isReady(channel, more))
        ? "late"
        : ((await trySend(channel, message, more, sending.receipts)) ?? "ok"),
    async told(letter) {
      await sending.told(letter);
      outbox.delete(letter.id);
    },
  };
  const sent = await Promise.all(all.map((one) => deliverInstead(one, sending, instead)));
  return {
    deliveries: sent.flatMap((one) => one.deliveries),
    failures: sent.flatMap((one) => one.failures),
    outages: sent.flatMap((one) => one.outages),
    left: sent.flatMap((one) => one.left),
  };
}
