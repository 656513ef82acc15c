/** Letters → channels. A channel that is down delays its own letters only, and after an hour another one takes its letters. */
import { asScoutError, isRetryable, ScoutError } from "../errors.ts";
import type { Letter, Message } from "../model.ts";
import type { Channel } from "./channel.ts";
import { inTime } from "./in-time.ts";
import { deliverInstead, type Try } from "./instead.ts";
import { errorOf, failedAgain, isEarly } from "./retry.ts";
import type { Delivered, Sending } from "./sending.ts";

/** So many letters refused in a row, and a run believes that the channel refuses all. */
const mostRefused = 5;

/** The same message to the same channel has the same id, in every process. */
export function letterTo(channel: string, message: Message): Letter {
  return { id: `${message.id}/${channel}`, channel, message };
}

/**
 * Sends letters, oldest first, channel by channel and the channels side by side, for no longer than the budget, and then for as long to
 * fallbacks. After a failure that may pass, the channel's later letters wait until its next try is due; one that is refused holds nobody up, and is tried again later as well.
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
  // A channel that hung all the time must not cost its letters their fallback.
  const more = AbortSignal.timeout(sending.budget);
  const trying: Try = async (channel, message) =>
    more.aborted ? "late" : ((await trySend(channel, message, more, sending.receipts)) ?? "ok");
  const told = await Promise.all(all.map((one) => deliverInstead(one, sending, down, trying)));
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
