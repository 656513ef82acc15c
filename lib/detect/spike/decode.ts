import { ScoutError } from "../../errors.ts";
import { bucketsPerDay, lastBucket } from "./bucket.ts";
import { type ByteReader, byteReader, corrupt } from "./bytes.ts";
import { bfloat16Form, checksum, flags, float64, headLength, version } from "./encode.ts";
import { cusumCount, expertCount, ladderSteps, newState, type SpikeState, type Tally, weekCells } from "./state.ts";

/**
 * Reads a state that `encode` wrote. In: its bytes. Out: a new state. Throws ScoutError "store/corrupt" where the bytes were changed, cut,
 * or say what no history can, and "store/too-new" where a later egress-scout wrote them. Never throws anything else.
 */
export function decode(bytes: Uint8Array): SpikeState {
  if (bytes.length < headLength) throw corrupt("it ends too soon");
  const stored = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(1, true);
  if (stored !== checksum(bytes)) throw corrupt("its checksum does not match");
  if (bytes[0] !== version) {
    throw new ScoutError(
      "store/too-new",
      `the history of a blocked destination has format ${bytes[0]}, known is ${version}`,
      {
        mend: "use the egress-scout that wrote it, or a later one",
      },
    );
  }
  const reader = byteReader(bytes, headLength);
  const state = newState();
  state.last = reader.whole() - 1;
  if (state.last > lastBucket) throw corrupt("a time is out of range");
  state.gap = reader.whole();
  const flag = reader.whole();
  state.afterBusy = (flag & flags.afterBusy) > 0;
  state.episode.open = (flag & flags.open) > 0;
  readTallies(reader, state);
  readTables(reader, state);
  readEvidence(reader, state);
  readEpisode(reader, state);
  readLadder(reader, state);
  reader.end();
  return state;
}

function readTallies(reader: ByteReader, state: SpikeState): void {
  const values = checked(reader.numbers(8 + state.hours.length + expertCount, float64));
  const tally = (at: number): Tally => ({
    buckets: values[at] ?? 0,
    busy: values[at + 1] ?? 0,
    calls: values[at + 2] ?? 0,
  });
  state.always = tally(0);
  state.lately = tally(3);
  state.runs = { buckets: values[6] ?? 0, busy: values[7] ?? 0 };
  for (const { buckets, busy, calls } of [state.always, state.lately]) {
    if (busy > buckets || calls < busy) throw corrupt("its sums contradict each other");
  }
  state.hours.set(values.slice(8, 8 + state.hours.length));
  state.weights.set(values.slice(8 + state.hours.length));
  const sum = state.weights.reduce((total, weight) => total + weight, 0);
  if (Math.abs(sum - 1) > 1e-6) throw corrupt("its weights do not sum to one");
}

function readTables(reader: ByteReader, { slots, week }: SpikeState): void {
  const values = checked(reader.numbers(2 * bucketsPerDay + 3 * weekCells, bfloat16Form));
  let at = 0;
  for (const table of [slots.busy, slots.calls, week.buckets, week.busy, week.calls]) {
    table.set(values.slice(at, at + table.length));
    at += table.length;
  }
  for (const { busy, calls } of [slots, week]) {
    if (busy.some((value, i) => (calls[i] ?? 0) < value)) throw corrupt("its tables contradict each other");
  }
}

/** No sum of counts or evidence comes near it. */
const largest = 2 ** 60;

/** Not below zero, as every sum is, and no infinity. */
function checked(values: number[]): number[] {
  if (!values.every((value) => value >= 0 && value < largest)) throw corrupt("a number is out of range");
  return values;
}

function readEvidence(reader: ByteReader, { cusums, last }: SpikeState): void {
  const mask = reader.whole();
  if (mask >= 2 ** cusumCount) throw corrupt("it counts more excesses than there are");
  cusums.forEach((cusum, j) => {
    if ((mask & (2 ** j)) === 0) return;
    const [evidence = 0] = checked([reader.number(float64)]);
    const since = last - reader.whole();
    const total = reader.whole();
    const [expected = 0] = checked([reader.number(float64)]);
    if (since < 0) throw corrupt("a time is out of range");
    Object.assign(cusum, { evidence, since, total, expected });
  });
}

function readEpisode(reader: ByteReader, { episode, last }: SpikeState): void {
  episode.openedAt = readTime(reader, last);
  episode.closedAt = readTime(reader, last);
  if (!episode.open) return;
  const [usual = 0] = checked([reader.number(float64)]);
  episode.usual = usual;
  episode.quiet = reader.whole();
  if (episode.openedAt < 0) throw corrupt("an episode is open that never began");
}

function readLadder(reader: ByteReader, { ladder, last }: SpikeState): void {
  const reached = reader.whole();
  if (reached > ladderSteps) throw corrupt("it counts more steps than there are");
  for (let step = 0; step < reached; step += 1) {
    ladder.last[step] = readTime(reader, last);
    ladder.before[step] = readTime(reader, last);
  }
}

/** A bucket, or -1 for never. */
function readTime(reader: ByteReader, last: number): number {
  const ago = reader.whole();
  if (ago > last + 1) throw corrupt("a time is out of range");
  return ago === 0 ? -1 : last - ago + 1;
}
