/** Letters whose channel did not take them for an hour → their fallback channels. */
import { isRetryable, type ScoutError } from "../errors.ts";
import type { Letter, Message } from "../model.ts";
import type { Channel } from "./channel.ts";
import { time } from "./headline.ts";
import type { Delivered, Delivery, Sending } from "./sending.ts";

/** So long a channel is waited for before its fallback is told, ms of runs. */
const patience = 60 * 60_000;

/** Sends one message; `late` where the time for sending is up. */
export type Try = (channel: Channel, message: Message) => Promise<"ok" | "late" | ScoutError>;

/**
 * What a channel did not take for long goes to its fallback, or to that one's.
 * @param down channels that are not to be tried; those that fail here come to it
 */
export async function deliverInstead(
  done: Delivered,
  sending: Sending,
  down: Set<string>,
  trying: Try,
): Promise<Delivered> {
  const failures = new Map(done.failures);
  const outages = new Map(done.outages);
  const deliveries: Delivery[] = [];
  for (const delivery of done.deliveries) {
    const { letter, ok } = delivery;
    // A channel that took another letter in this run is none that was down.
    const outage = outages.has(letter.channel) ? outages.get(letter.channel) : sending.outages.get(letter.channel);
    const since = Math.min(outage?.since ?? Infinity, (failures.get(letter.id) ?? letter.failure)?.since ?? Infinity);
    const isLate = !ok && sending.now - since >= patience;
    const sent = isLate ? await tellInstead(letter, since, sending, down, trying) : null;
    if (sent === null) {
      deliveries.push(delivery);
      continue;
    }
    failures.delete(letter.id);
    deliveries.push({ ...delivery, insteadTo: sent.channel });
    if (!isItsOwn(letter, sent.channel)) deliveries.push({ letter: sent, ok: true, error: null });
  }
  return { ...done, deliveries, failures: [...failures] };
}

/** Is that channel told all of it anyway, by a letter of its own? */
const isItsOwn = ({ message }: Letter, channel: string): boolean =>
  message.findings.length > 0 && message.findings.every((one) => one.owner.channels.includes(channel));

/** The letter as it was sent, or null where no fallback took it. One that the fallback has anyway is not sent to it twice. */
async function tellInstead(
  letter: Letter,
  since: number,
  { fallbacks, channels, told }: Sending,
  down: Set<string>,
  trying: Try,
): Promise<Letter | null> {
  const note = `It comes here since ${letter.channel} could not be told from ${time(since)} on.`;
  for (const name of chain(letter.channel, fallbacks)) {
    const channel = channels.get(name);
    if (channel === undefined || down.has(name)) continue;
    const sent = { ...letter, channel: name, message: { ...letter.message, note } };
    const outcome = isItsOwn(letter, name) ? "ok" : await trying(channel, sent.message);
    if (outcome === "ok") {
      await told(sent);
      return sent;
    }
    if (outcome !== "late" && isRetryable(outcome)) down.add(name);
  }
  return null;
}

/** A channel's fallback, that one's, and so on; the config has no loops. */
function chain(channel: string, fallbacks: Readonly<Record<string, string>>): string[] {
  const names: string[] = [];
  for (let name = channel; Object.hasOwn(fallbacks, name) && names.length < 100; ) {
    name = fallbacks[name] ?? "";
    names.push(name);
  }
  return names;
}
