/** Which verdicts hold at a time. Pure. */
import type { Verdict, Window } from "../model.ts";
import { printable } from "../words/printable.ts";

/** Of one finding the reviewed file's verdict counts, whatever was said by the command or a button. */
export function allVerdicts(
  reviewed: readonly Verdict[],
  kept: ReadonlyMap<string, Verdict>,
): ReadonlyMap<string, Verdict> {
  return new Map([...kept, ...reviewed.map((one) => [one.id, placed(one, kept.get(one.id)?.cluster)] as const)]);
}

/** With the cluster of its finding, where the verdict itself does not say it. */
export const placed = (verdict: Verdict, cluster: string | undefined): Verdict =>
  cluster === undefined ? verdict : { cluster, ...verdict };

export const holdsAt = ({ until }: Verdict, time: number): boolean => until === null || time < until;

/** Those that came to their end in a window. */
export const endedIn = ({ until }: Verdict, { from, to }: Window): boolean =>
  until !== null && from < until && until <= to;

/** ` by "ada" ("the new CDN")`: who decided and why, as far as they said so. Anybody may have written it. */
export function byWhom({ by, reason }: Verdict): string {
  const who = by === null ? "" : ` by ${/^[\w.@+-]{1,64}$/.test(by) ? by : printable(by, 64)}`;
  return `${who}${reason === null ? "" : ` (${printable(reason)})`}`;
}
