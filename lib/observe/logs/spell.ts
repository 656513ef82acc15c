/** Lines of a connection's two ends → how often it was called. Pure. */

/** How often, since when, until when (ms). */
export interface Spell {
  count: number;
  firstSeen: number;
  lastSeen: number;
}

/** Lines when a connection opened, and when it closed. */
export interface Ends {
  opened: number;
  closed: number;
  firstSeen: number;
  lastSeen: number;
}

export const nothing = (): Ends => ({
  opened: 0,
  closed: 0,
  firstSeen: Number.POSITIVE_INFINITY,
  lastSeen: Number.NEGATIVE_INFINITY,
});

/** Counts a line; its time is between `first` and `last`, ms. */
export function add(ends: Ends, isOpening: boolean, first: number, last: number): void {
  ends[isOpening ? "opened" : "closed"] += 1;
  ends.firstSeen = Math.min(ends.firstSeen, first);
  ends.lastSeen = Math.max(ends.lastSeen, last);
}

/** A connection may be logged when it opens and when it closes, and is one. */
export const spell = ({ opened, closed, firstSeen, lastSeen }: Ends): Spell => ({
  count: Math.max(opened, closed),
  firstSeen,
  lastSeen,
});
