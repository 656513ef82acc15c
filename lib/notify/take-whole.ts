/**
 * Takes whole pieces, in order, until one does not fit: a manifest or a finding is shown whole or not at all. Each thing may
 * have several forms, the fullest first; the first one that fits is taken. Stops at the first thing of which no form fits, so
 * that what is left out is always the least important. Room and cost may count several things (blocks and characters).
 * Returns the pieces taken, one for each thing shown. Throws nothing.
 */
export function takeWhole<Thing, Piece>(
  things: readonly Thing[],
  forms: (thing: Thing, index: number) => readonly Piece[],
  cost: (piece: Piece) => readonly number[],
  room: readonly number[],
): Piece[] {
  const taken: Piece[] = [];
  let left = room;
  for (const [index, thing] of things.entries()) {
    const piece = forms(thing, index).find((form) => covers(left, cost(form)));
    if (piece === undefined) break;
    const spent = cost(piece);
    left = left.map((amount, at) => amount - (spent[at] ?? 0));
    taken.push(piece);
  }
  return taken;
}

function covers(left: readonly number[], cost: readonly number[]): boolean {
  return left.every((amount, at) => (cost[at] ?? 0) <= amount);
}
