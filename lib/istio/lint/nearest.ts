/** The known word that a wrong one was meant to be. Pure. */

/** The known word within two edits of `word` (one, where it is short), the first of the nearest; null where none is near. */
export function nearest(word: string, known: readonly string[]): string | null {
  const allowed = word.length < 5 ? 1 : 2;
  if (word.length > 40) return null;
  const ranked = known
    .map((one) => ({ one, away: distance(word.toLowerCase(), one.toLowerCase()) }))
    .filter(({ away }) => away <= allowed)
    .sort((a, b) => a.away - b.away);
  return ranked[0]?.one ?? null;
}

/** Levenshtein's, a row at a time. */
function distance(a: string, b: string): number {
  let row = [...Array(b.length + 1).keys()];
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const [above = 0, left = 0, diagonal = 0] = [row[j + 1], next[j], row[j]];
      next.push(Math.min(above + 1, left + 1, diagonal + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
