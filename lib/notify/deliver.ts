/** Letters → channels. A channel that is down delays its own letters only, and after an hour another one takes its letters. */
import { asScoutError, isRetryable, ScoutError } from "../errors.ts";
import type { Failure, Letter, Message } from "../model.ts";
import type { Channel, Receipts } from "./channel.ts";
import { time } from "./headline.ts";
import { inTime } from "./in-time.ts";
import { errorOf, failedAgain, isEarly } from "./retry.ts";

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

/** So long a channel is waited for before its fallback is told, ms of runs. */
const patience = 60 * 60_000;
/** So many letters refused in a row, and a run believes that the channel refuses all. */
const mostRefused = 5;

/** The same message to the same channel has the same id, in every process. */
export function letterTo(channel: string, message: Message): Letter {
  return { id: `${message.id}/${channel}`, channel, message };
}

/**
 * Sends letters, oldest first, channel by channel and the channels side by side, for no longer than the budget. After a failure that may
 * pass, the channel's later letters wait until its next try is due; one that is refused holds nobody up, and is tried again later as well.
 * What a channel did not take for an hour goes to its fallback, under the same id.
 * @throws whatever `told` throws: then the letter goes out again
 */
export async function deliver(letters: readonly Letter[], sending: Sending): Promise<Delivered> {
  const deadline = AbortSignal.timeout(sending.budget);
  const names = [...new Set(letters.map((one) => one.channel))].sort();
  const known = names.flatMap((name) => sending.channels.get(name) ?? []);
  const all = await Promise.all(
    known.map((channel) =>
      deliverTo(
        channel,
        letters.filter((one) => one.channel === channel.name),
        sending,
        deadline,
      ),
    ),
  );
  const down = new Set(all.flatMap(({ outages }) => outages.flatMap(([name, one]) => (one === null ? [] : [name]))));
  for (const [name, outage] of sending.outages) {
    const isUp = all.some(({ outages }) => outages.some(([one, state]) => one === name && state === null));
    if (!isUp && isEarly(outage, sending.now)) down.add(name);
  }
  const told = await Promise.all(all.map((one) => deliverInstead(one, sending, down, deadline)));
  return {
    deliveries: told.flatMap((one) => one.deliveries),
    failures: told.flatMap((one) => one.failures),
    outages: told.flatMap((one) => one.outages),
    left: told.flatMap((one) => one.left),
  };
}

/** One channel's letters, in their order. */
async function deliverTo(
  channel: Channel,
  letters: readonly Letter[],
  { outages, now, told, receipts }: Sending,
  deadline: AbortSignal,
): Promise<Delivered> {
  const out: Delivered = { deliveries: [], failures: [], outages: [], left: [] };
  const outage = outages.get(channel.name) ?? null;
  const isDown = outage !== null && isRetryable(errorOf(outage)) && isEarly(outage, now);
  let down: ScoutError | null = isDown ? errorOf(outage) : null;
  const tries = { ok: 0, refused: 0, last: null as ScoutError | null };
  for (const letter of letters) {
    const { failure = null } = letter;
    if (down === null && deadline.aborted) {
      out.left.push(letter);
      continue;
    }
    const early = failure !== null && isEarly(failure, now) ? errorOf(failure) : null;
    const error = down ?? early ?? (await trySend(channel, letter.message, deadline, receipts));
    out.deliveries.push({ letter, ok: error === null, error });
    if (error === null) {
      await told(letter);
      tries.ok += 1;
      tries.refused = 0;
    } else if (down === null && early === null) {
      tries.last = error;
      if (!isRetryable(error)) out.failures.push([letter.id, failedAgain(failure, error, now)]);
      tries.refused += 1;
      if (isRetryable(error) || tries.refused >= mostRefused) down = error;
    }
  }
  if (tries.last !== null && (tries.ok === 0 || isRetryable(tries.last)))
    out.outages.push([channel.name, failedAgain(tries.ok > 0 ? null : outage, tries.last, now)]);
  else if (tries.ok > 0 && outage !== null) out.outages.push([channel.name, null]);
  return out;
}

/** What a channel did not take for long goes to its fallback, or to that one's. */
async function deliverInstead(
  done: Delivered,
  sending: Sending,
  down: Set<string>,
  deadline: AbortSignal,
): Promise<Delivered> {
  const failures = new Map(done.failures);
  const outages = new Map(done.outages);
  const deliveries: Delivery[] = [];
  for (const delivery of done.deliveries) {
    const { letter, ok } = delivery;
    const outage = outages.get(letter.channel) ?? sending.outages.get(letter.channel);
    const since = Math.min(outage?.since ?? Infinity, (failures.get(letter.id) ?? letter.failure)?.since ?? Infinity);
    const isLate = !ok && sending.now - since >= patience;
    const sent = isLate ? await tellInstead(letter, since, sending, down, deadline) : null;
    if (sent === null) deliveries.push(delivery);
    else {
      failures.delete(letter.id);
      deliveries.push({ ...delivery, insteadTo: sent.channel }, { letter: sent, ok: true, error: null });
    }
  }
  return { ...done, deliveries, failures: [...failures] };
}

/** The letter as it was sent, or null where no fallback took it. */
async function tellInstead(
  letter: Letter,
  since: number,
  { fallbacks, channels, told, receipts }: Sending,
  down: Set<string>,
  deadline: AbortSignal,
): Promise<Letter | null> {
  const note = `It comes here since ${letter.channel} could not be told from ${time(since)} on.`;
  for (const name of chain(letter.channel, fallbacks)) {
    const channel = channels.get(name);
    if (channel === undefined || down.has(name) || deadline.aborted) continue;
    const sent = { ...letter, channel: name, message: { ...letter.message, note } };
    const error = await trySend(channel, sent.message, deadline, receipts);
    if (error === null) {
      await told(sent);
      return sent;
    }
    if (isRetryable(error)) down.add(name);
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

async function trySend(
  channel: Channel,
  message: Message,
  deadline: AbortSignal,
  receipts: Sending["receipts"],
): Promise<ScoutError | null> {
  const late = () =>
    new ScoutError(
      "channel/unavailable",
      `channel ${channel.name}: no answer before the run's time for sending was up`,
    );
  return await tried(() => inTime(channel.send(message, receipts?.(channel.name)), deadline, late));
}

/** What a channel throws at its work, or null. */
export async function tried(work: () => Promise<void>): Promise<ScoutError | null> {
  try {
    await work();
    return null;
  } catch (thrown) {
    return asScoutError(thrown);
  }
}
