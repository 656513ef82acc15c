/** ADAPTER: calls to one place, one at a time and some time apart. */
import { pause, type Ways } from "./post.ts";

/** About one message a second and channel (https://docs.slack.dev/apis/web-api/rate-limits). */
const spacing = 1_000;

export interface Pacer {
  <T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when the next call would be made at once. */
  ready(): Promise<void>;
}

/** Makes calls in the order in which they are asked for, each a second after the one before has ended, whoever asks. */
export function pacer({ wait = pause, signal }: Ways): Pacer {
  let before: Promise<unknown> | null = null;
  // The pause after it, begun when somebody asks for the next.
  let rest: Promise<void> | null = null;
  const ready = async () => {
    rest ??= before?.then(() => wait(spacing, signal)).catch(() => {}) ?? null;
    await rest;
  };
  function paced<T>(work: () => Promise<T>): Promise<T> {
    const turn = before === null ? work() : ready().then(work);
    before = turn.catch(() => {});
    rest = null;
    return turn;
  }
  return Object.assign(paced, { ready });
}
