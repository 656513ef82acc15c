/** In which order one channel's letters are tried. Pure. */
import type { Failure, Letter } from "../model.ts";

/** A letter that failed so often may itself be the reason. */
const mostTries = 3;

export const isSuspect = (failure: Failure | null | undefined): boolean => (failure?.attempts ?? 0) >= mostTries;

/**
 * Oldest first, but those that failed several times after the others, the fewest times first: one that its channel never takes must not
 * stand before all that come later. No letter comes before an older one that shares a finding with it.
 */
export function inTryOrder(letters: readonly Letter[]): Letter[] {
  const ranks = new Map<string, number>();
  const ranked = letters.map((letter) => {
    let rank = isSuspect(letter.failure) ? (letter.failure?.attempts ?? 0) : 0;
    for (const { id } of letter.message.findings) rank = Math.max(rank, ranks.get(id) ?? 0);
    for (const { id } of letter.message.findings) ranks.set(id, rank);
    return { letter, rank };
  });
  return ranked.sort((one, other) => one.rank - other.rank).map(({ letter }) => letter);
}

/** What is known of the letters before it that were not told, by finding: it must not pass them. Null where it need not wait. */
export function behind<T>({ message }: Letter, untold: ReadonlyMap<string, T>): T | null {
  for (const { id } of message.findings) {
    const known = untold.get(id);
    if (known !== undefined) return known;
  }
  return null;
}
