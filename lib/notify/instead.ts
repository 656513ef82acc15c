/** Letters whose channel did not take them for an hour → their fallback channels. */
import { isRetryable, type ScoutError } from "../errors.ts";
import type { Letter, Message } from "../model.ts";
import type { Channel } from "./channel.ts";
import { part } from "./compose.ts";
import { time } from "./headline.ts";
import { behind } from "./order.ts";
import type { Delivered, Delivery, Sending } from "./sending.ts";
import { type Heard, unheard } from "./stand-ins.ts";

/** So long a channel is waited for before its fallback is told, ms of runs. */
const patience = 60 * 60_000;

/** What all channels' letters share in one run. */
export interface Instead {
  /** Sends one message; `late` where the time for sending is up. */
  trying: (channel: Channel, message: Message) => Promise<"ok" | "late" | ScoutError>;
  /** Strikes a letter off. */
  told: (letter: Letter) => Promise<void>;
  /** Letters that wait, by id. */
  outbox: ReadonlyMap<string, Letter>;
  heard: Heard;
  /** Channels that are not to be tried; those that fail come to it. */
  down: Set<string>;
  inTurn: <T>(channel: string, work: () => Promise<T>) => Promise<T>;
}

/** Where a letter went; `sent` is null where the other channel has it anyway. */
interface Gone {
  channel: string;
  sent: Letter | null;
}

/** What a channel did not take for long goes to its fallback, or to that one's, and with it what waited behind it. */
export async function deliverInstead(done: Delivered, sending: Sending, instead: Instead): Promise<Delivered> {
  const failures = new Map(done.failures);
  const outages = new Map(done.outages);
  const deliveries: Delivery[] = [];
  const since = new Map<string, number>();
  const untold = new Map<string, true>();
  for (const delivery of done.deliveries) {
    const { letter, ok } = delivery;
    if (ok) {
      deliveries.push(delivery);
      continue;
    }
    // A channel that took another letter in this run is none that was down.
    const outage = outages.has(letter.channel) ? outages.get(letter.channel) : sending.outages.get(letter.channel);
    const own = Math.min(outage?.since ?? Infinity, (failures.get(letter.id) ?? letter.failure)?.since ?? Infinity);
    const from = Math.min(own, behind(letter, since) ?? Infinity);
    for (const { id } of letter.message.findings) since.set(id, from);
    const mayGo = sending.now - from >= patience && behind(letter, untold) === null;
    const gone = mayGo ? await tellInstead(letter, from, sending, instead) : null;
    if (gone === null) {
      for (const { id } of letter.message.findings) untold.set(id, true);
      deliveries.push(delivery);
      continue;
    }
    failures.delete(letter.id);
    deliveries.push({ ...delivery, insteadTo: gone.channel });
    if (gone.sent !== null) deliveries.push({ letter: gone.sent, ok: true, error: null });
  }
  return { ...done, deliveries, failures: [...failures] };
}

/** Null where no fallback took it. */
async function tellInstead(letter: Letter, since: number, sending: Sending, instead: Instead): Promise<Gone | null> {
  const why = `It comes here since ${letter.channel} could not be told from ${time(since)} on.`;
  const note = [letter.message.note, why].filter((one) => one !== undefined).join(" ");
  for (const name of chain(letter.channel, sending.fallbacks)) {
    const channel = sending.channels.get(name);
    const gone = channel && (await instead.inTurn(name, () => tellOne(letter, channel, note, sending.now, instead)));
    if (gone) return gone;
  }
  return null;
}

async function tellOne(
  letter: Letter,
  channel: Channel,
  note: string,
  now: number,
  { outbox, heard, down, trying, told }: Instead,
): Promise<Gone | null> {
  const { name } = channel;
  const { message } = letter;
  const findings = unheard(message, { channel: name, outbox: outbox.values(), heard: await heard.by(name), now });
  if (findings === null) return null;
  if (findings.length === 0 && message.findings.length > 0) {
    await told(letter);
    return { channel: name, sent: null };
  }
  if (down.has(name)) return null;
  const sent = { ...letter, channel: name, message: { ...part(message, findings), note } };
  const outcome = await trying(channel, sent.message);
  if (outcome !== "ok") {
    if (outcome !== "late" && isRetryable(outcome)) down.add(name);
    return null;
  }
  await heard.note(name, sent.message);
  await told(sent);
  return { channel: name, sent };
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
