/** ADAPTER: calls to one place, one at a time and some time apart. */
import { pause, type Ways } from "./post.ts";

/** About one message a second and channel (https://docs.slack.dev/apis/web-api/rate-limits). */
const spacing = 1_000;

export type Paced = <T>(work: () => Promise<T>) => Promise<T>;

/** Makes calls in the order in which they are asked for, each a second after the one before has ended, whoever asks. */
export function pacer({ wait = pause, signal }: Ways): Paced {
  let before: Promise<unknown> | null = null;
  return (work) => {
    const turn = before === null ? work() : before.then(() => wait(spacing, signal).catch(() => {})).then(work);
    before = turn.catch(() => {});
    return turn;
  };
}
