/** Loki's answer → lines, and where the next page begins. Pure. */
import * as z from "zod";
import type { Labels, LogLine } from "../../model.ts";
import { longestLine } from "./access-logs.ts";

/** An entry may have its structured metadata as a third part. */
const entry = z.tuple([z.string().regex(/^\d{1,19}$/), z.string()], z.unknown());
export const answerShape = z.object({
  status: z.literal("success"),
  data: z.object({
    resultType: z.literal("streams"),
    result: z.array(z.object({ stream: z.record(z.string(), z.string()), values: z.array(entry) })),
  }),
});
export type Answer = z.infer<typeof answerShape>;

/** How far reading has come: all before `next` (ns), and of that very nanosecond the entries in `seen`. */
export interface Position {
  next: bigint;
  seen: ReadonlySet<string>;
}

export interface Page {
  lines: LogLine[];
  position: Position;
  /** Entries that the page has, those included that were read before; and those among them that were not asked for. */
  entries: number;
  stale: number;
}

/**
 * What a page brings that was not read before. A page is cut off at a number of entries, so that of its last nanosecond there may be
 * more: the next page begins with that again, and what is known of it is left out.
 */
export function readPage({ data }: Answer, position: Position): Page {
  const lines: { at: bigint; line: LogLine }[] = [];
  let last = position.next;
  let entries = 0;
  let stale = 0;
  const keys: { at: bigint; key: string }[] = [];
  for (const { stream, values } of data.result) {
    const name = JSON.stringify(Object.entries(stream).sort());
    for (const [time, text] of values) {
      entries += 1;
      const at = BigInt(time);
      if (at < position.next) {
        stale += 1;
        continue;
      }
      if (at > last) last = at;
      const key = `${name}\n${text}`;
      if (at === position.next && position.seen.has(key)) continue;
      keys.push({ at, key });
      lines.push({ at, line: lineOf(text, time, stream) });
    }
  }
  lines.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  const atLast = keys.filter(({ at }) => at === last).map(({ key }) => key);
  const before = last === position.next ? position.seen : [];
  const read = { next: last, seen: new Set([...before, ...atLast]) };
  return { lines: lines.map(({ line }) => line), position: read, entries, stale };
}

function lineOf(text: string, nanoseconds: string, labels: Labels): LogLine {
  const time = Number(BigInt(nanoseconds) / 1_000_000n);
  return text.length > longestLine ? { text: text.slice(0, 200), time, labels, cut: true } : { text, time, labels };
}
