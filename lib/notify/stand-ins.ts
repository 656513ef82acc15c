/** What channels that stand in for others were told, so that nobody is told twice, or of the end before the beginning. */
import type { Finding, Letter, Message } from "../model.ts";
import type { Sending } from "./sending.ts";

/** When fallbacks were told of findings last: the time of the message, ms, by the finding's id. */
export interface Heard {
  note(channel: string, message: Message): Promise<void>;
  by(channel: string): Promise<ReadonlyMap<string, number>>;
}

/** Kept with the receipts, apart from the channel's own: no channel's name begins with a parenthesis. */
export function standIns(fallbacks: Sending["fallbacks"], receipts: Sending["receipts"]): Heard {
  const names = new Set(Object.values(fallbacks));
  const inRun = new Map<string, Map<string, number>>();
  const own = (channel: string) => {
    const found = inRun.get(channel) ?? new Map<string, number>();
    inRun.set(channel, found);
    return found;
  };
  const kept = (channel: string) => receipts?.(`(fallback) ${channel}`);
  return {
    async note(channel, { findings, at }) {
      if (!names.has(channel) || findings.length === 0) return;
      for (const { id } of findings) own(channel).set(id, at);
      await kept(channel)?.keep(new Map(findings.map(({ id }) => [id, String(at)])));
    },
    async by(channel) {
      const before = [...((await kept(channel)?.all()) ?? [])].map(([id, at]) => [id, Number(at)] as const);
      return new Map([...before, ...own(channel)]);
    },
  };
}

/** A letter about letters that wait: it tells of findings, but is not their telling. */
export const isReport = ({ message }: Letter): boolean => message.note !== undefined;

/** What is known when a letter of one channel is to go to another. */
export interface Listener {
  channel: string;
  /** All letters that wait, whomever they are for. */
  outbox: Iterable<Letter>;
  heard: ReadonlyMap<string, number>;
  /** The run's end, ms. */
  now: number;
}

/**
 * The findings of the message that the other channel was not told by a letter of its own, and does not know in a later state. Null where
 * it has to wait, since the other channel still waits for that letter, or for what came before. Pure.
 */
export function unheard({ at, findings }: Message, { channel, outbox, heard, now }: Listener): Finding[] | null {
  const ids = new Set(findings.map(({ id }) => id));
  for (const letter of outbox) {
    if (letter.channel !== channel || letter.message.at > at) continue;
    if (letter.message.at === at && isReport(letter)) continue;
    // Struck off here, and refused there, it would reach nobody.
    if (letter.message.findings.some(({ id }) => ids.has(id))) return null;
  }
  return findings.filter(({ id, owner }) => {
    const last = heard.get(id);
    // A time that is still to come is of a run that looked at another one.
    const isKnown = last !== undefined && last >= at && last <= now;
    return !isKnown && !owner.channels.includes(channel);
  });
}

/** Work for one channel waits for the work for it that was asked for before; that for others does not. */
export function inTurns(): <T>(channel: string, work: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return (channel, work) => {
    const turn = (last.get(channel) ?? Promise.resolve()).then(work);
    last.set(
      channel,
      turn.catch(() => {}),
    );
    return turn;
  };
}
