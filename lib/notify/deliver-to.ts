/** One channel's letters → the channel. What it does not take waits, and whatever comes later about the same findings waits behind it. */
import { asScoutError, isRetryable, ScoutError } from "../errors.ts";
import type { Failure, Letter, Message } from "../model.ts";
import type { Channel } from "./channel.ts";
import { inTime } from "./in-time.ts";
import { behind, inTryOrder, isSuspect } from "./order.ts";
import { errorOf, failedAgain, isEarly } from "./retry.ts";
import type { Delivered, Sending } from "./sending.ts";

/** So many letters refused in a row, and a run believes that the channel refuses all. */
const mostRefused = 5;
/** So many in a row that failed before and fail again, and a run asks no more. */
const mostFailed = 2;

/** What one run's tries say of a channel. */
interface Tries {
  took: number;
  /** Failures since the last one it took. */
  inARow: number;
  last: ScoutError | null;
  /** The failure of a letter that never gave cause to suspect it: then it is the channel. */
  own: ScoutError | null;
}

/** @throws whatever `told` throws */
export async function deliverTo(
  channel: Channel,
  letters: readonly Letter[],
  sending: Sending,
  deadline: AbortSignal,
): Promise<Delivered> {
  const { outages, now, told, receipts } = sending;
  const out: Delivered = { deliveries: [], failures: [], outages: [], left: [] };
  const outage = outages.get(channel.name) ?? null;
  const isDown = outage !== null && isRetryable(errorOf(outage)) && isEarly(outage, now);
  let down: ScoutError | null = isDown ? errorOf(outage) : null;
  const tries: Tries = { took: 0, inARow: 0, last: null, own: null };
  const untold = new Map<string, ScoutError>();
  for (const letter of inTryOrder(letters)) {
    const { failure = null } = letter;
    if (down === null && deadline.aborted) {
      out.left.push(letter);
      continue;
    }
    const isBack = outage !== null && tries.took > 0;
    const waiting = down ?? behind(letter, untold) ?? ownWait(failure, now, isBack);
    if (waiting === null && !(await isReady(channel, deadline))) {
      out.left.push(letter);
      continue;
    }
    const error = waiting ?? (await trySend(channel, letter.message, deadline, receipts));
    out.deliveries.push({ letter, ok: error === null, error });
    if (error === null) {
      await told(letter);
      tries.took += 1;
      tries.inARow = 0;
      continue;
    }
    for (const { id } of letter.message.findings) untold.set(id, error);
    if (waiting === null) down = failed(letter, error, { out, tries, now });
  }
  const change = outageAfter(tries, outage, now);
  if (change !== undefined) out.outages.push([channel.name, change]);
  return out;
}

/** A letter that was refused, or failed by itself, has a back-off of its own; a channel that is back is asked for those that failed at once. */
function ownWait(failure: Failure | null, now: number, isBack: boolean): ScoutError | null {
  if (failure === null || !isEarly(failure, now)) return null;
  const error = errorOf(failure);
  const isChannels = isRetryable(error) && (isBack || !isSuspect(failure));
  return isChannels ? null : error;
}

/** Notes the failure. @returns it where the channel's other letters have to wait for the next try */
function failed(
  { id, failure }: Letter,
  error: ScoutError,
  { out, tries, now }: { out: Delivered; tries: Tries; now: number },
): ScoutError | null {
  const after = failedAgain(failure ?? null, error, now);
  tries.last = error;
  tries.inARow += 1;
  const isBusy = error.code === "channel/rate-limited";
  if (!isBusy) out.failures.push([id, after]);
  const isNew = isBusy || !isSuspect(after);
  if (isNew) tries.own = error;
  if (!isRetryable(error)) return tries.inARow >= mostRefused ? error : null;
  return isNew || tries.inARow >= mostFailed ? error : null;
}

/** The channel's outage after those tries; null for none any more, undefined for no change. */
function outageAfter({ took, last, own }: Tries, before: Failure | null, now: number): Failure | null | undefined {
  if (last === null || took > 0) {
    if (own !== null && isRetryable(own)) return failedAgain(null, own, now);
    return took > 0 && before !== null ? null : undefined;
  }
  // Nothing went through. Letters that it never took before say nothing new about a channel that was well.
  return before === null && own === null ? undefined : failedAgain(before, last, now);
}

/** False where the time is up before the channel's next message may go out: what is begun then would arrive after all, and be sent again. */
export async function isReady({ name, ready }: Channel, deadline: AbortSignal): Promise<boolean> {
  if (ready === undefined) return true;
  const late = () => new ScoutError("channel/unavailable", `channel ${name}: its turn did not come in time`);
  return await inTime(ready(), deadline, late).then(
    () => !deadline.aborted,
    () => false,
  );
}

/** @returns null where the channel said yes */
export async function trySend(
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
  try {
    await inTime(channel.send(message, receipts?.(channel.name)), deadline, late);
    return null;
  } catch (thrown) {
    return asScoutError(thrown);
  }
}
