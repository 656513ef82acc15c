/** The order of ranges, by counting digits of 16 bits: a comparing sort of 400,000 rows takes ten times as long. Pure. */
import type { Spans } from "./spans.ts";

/** How many digits there are of 16 bits. */
const base = 65_536;

/** The rows by start, then the longest first, then by value: whoever comes later in it is the more specific of two that overlap. */
export function inOrder({ width, starts, ends, values }: Spans): Uint32Array {
  const room = roomFor(values.length);
  // The least significant comes first: each pass keeps what the passes before it put in order.
  byWords(room, { words: values, width: 1, flip: 0 });
  byWords(room, { words: ends, width, flip: 0xffff });
  byWords(room, { words: starts, width, flip: 0 });
  return room.order;
}

/** The same for prefixes whose values begin with their length, which says as much as their ends. */
export function prefixesInOrder({ width, starts, values }: Spans): Uint32Array {
  const room = roomFor(values.length);
  byWords(room, { words: values, width: 1, flip: 0 });
  byWords(room, { words: starts, width, flip: 0 });
  return room.order;
}

/** The order so far, and what every pass needs anew. */
interface Room {
  order: Uint32Array;
  spare: Uint32Array;
  digits: Uint16Array;
  places: Uint32Array;
}

function roomFor(rows: number): Room {
  const order = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) order[row] = row;
  return { order, spare: new Uint32Array(rows), digits: new Uint16Array(rows), places: new Uint32Array(base) };
}

/** Numbers of so many words, the lowest first, or the highest where `flip` is 0xffff. */
interface Keys {
  words: Uint32Array;
  width: number;
  flip: number;
}

function byWords(room: Room, keys: Keys): void {
  for (let word = keys.width - 1; word >= 0; word--) {
    const differing = differingBits(keys, word);
    // The low words of IPv6 prefixes are all zeros, and the high ones all in one block.
    if ((differing & 0xffff) !== 0) pass(room, keys, word, 0);
    if (differing >>> 16 !== 0) pass(room, keys, word, 16);
  }
}

function differingBits({ words, width }: Keys, word: number): number {
  const first = words[word] ?? 0;
  let differing = 0;
  for (let at = word; at < words.length; at += width) differing |= (words[at] ?? 0) ^ first;
  return differing;
}

/** Orders the rows by one digit, sixteen bits of one word. */
function pass(room: Room, { words, width, flip }: Keys, word: number, shift: number): void {
  const { order, spare, digits, places } = room;
  places.fill(0);
  for (let at = 0; at < order.length; at++) {
    const digit = (((words[(order[at] ?? 0) * width + word] ?? 0) >>> shift) & 0xffff) ^ flip;
    digits[at] = digit;
    places[digit] = (places[digit] ?? 0) + 1;
  }
  let before = 0;
  for (let digit = 0; digit < base; digit++) {
    const count = places[digit] ?? 0;
    places[digit] = before;
    before += count;
  }
  for (let at = 0; at < order.length; at++) {
    const digit = digits[at] ?? 0;
    const place = places[digit] ?? 0;
    spare[place] = order[at] ?? 0;
    places[digit] = place + 1;
  }
  room.order = spare;
  room.spare = order;
}
