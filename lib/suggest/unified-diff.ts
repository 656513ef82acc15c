/** Two texts → a unified diff, as `patch -p0` and `git apply -p0` read it. Pure. */
import { printable } from "../words/printable.ts";

const context = 3;

/** A run of lines of the old text, and what stands in their place in the new one. */
interface Gap {
  from: number;
  to: number;
  lines: string[];
}

/** How many characters at the beginning and at the end are known to be the same: of a large file little need be looked at. */
export interface Same {
  head: number;
  tail: number;
}

/**
 * The diff of a file, for texts where lines were added or changed here and there; empty where they are the same. Line ends, and that
 * the last line has none, are kept. Throws nothing.
 */
export function unifiedDiff(file: string, before: string, after: string, same: Same = { head: 0, tail: 0 }): string {
  if (before === after) return "";
  const { skipped, old, all } = parting(before, after, same);
  const name = /^[\x20-\x7e]+$/.test(file) ? `${file}${file.includes(" ") ? "\t" : ""}` : printable(file, 4096);
  const hunks = grouped(gaps(old, all)).map((one) => hunk(one, old));
  let shift = 0;
  const texts = hunks.map(({ from, lines }) => {
    const minus = lines.filter((line) => line[0] !== "+").length;
    const plus = lines.filter((line) => line[0] !== "-").length;
    const at = (start: number, count: number) => `${skipped + start + (count === 0 ? 0 : 1)},${count}`;
    const head = `@@ -${at(from, minus)} +${at(from + shift, plus)} @@\n`;
    shift += plus - minus;
    return (
      head + lines.map((line) => (line.endsWith("\n") ? line : `${line}\n\\ No newline at end of file\n`)).join("")
    );
  });
  return `--- ${name}\n+++ ${name}\n${texts.join("")}`;
}

/** The lines around all that may differ, and how many are before those. */
function parting(before: string, after: string, { head, tail }: Same) {
  let start = lineStart(before, head);
  for (let line = 0; line < context; line += 1) start = lineStart(before, start - 1);
  let end = lineEnd(before, before.length - tail);
  for (let line = 0; line < context; line += 1) end = lineEnd(before, end);
  let skipped = 0;
  for (let at = before.indexOf("\n"); at !== -1 && at < start; at = before.indexOf("\n", at + 1)) skipped += 1;
  const last = after.length - (before.length - end);
  return { skipped, old: linesOf(before.slice(start, end)), all: linesOf(after.slice(start, last)) };
}

const lineStart = (text: string, at: number): number => (at <= 0 ? 0 : text.lastIndexOf("\n", at - 1) + 1);
const lineEnd = (text: string, at: number): number => {
  const found = text.indexOf("\n", at);
  return found === -1 ? text.length : found + 1;
};

/** With their ends, so that `\r\n` and a missing last end are told from others. */
const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** Where the texts part, greedily: each new line that is not the next old one was put in, as far as the next old one comes again. */
function gaps(old: readonly string[], all: readonly string[]): Gap[] {
  const found: Gap[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < all.length) {
    if (i < old.length && old[i] === all[j]) {
      i += 1;
      j += 1;
      continue;
    }
    const [k, l] = meeting(old, all, i, j);
    found.push({ from: i, to: k, lines: all.slice(j, l) });
    [i, j] = [k, l];
  }
  return found;
}

const farthest = 64;

/** The nearest place from which both go on alike, by the fewest lines passed over; the ends where there is none near. */
function meeting(old: readonly string[], all: readonly string[], i: number, j: number): [number, number] {
  for (let passed = 1; passed <= farthest; passed += 1) {
    for (let gone = 0; gone <= passed; gone += 1) {
      const [k, l] = [i + gone, j + passed - gone];
      if (k > old.length || l > all.length) continue;
      if (k === old.length && l === all.length) return [k, l];
      if (k < old.length && old[k] === all[l] && (old[k + 1] === all[l + 1] || old[k]?.trim() !== "")) return [k, l];
    }
  }
  return [old.length, all.length];
}

/** Gaps whose contexts touch make one hunk. */
function grouped(all: readonly Gap[]): Gap[][] {
  const groups: Gap[][] = [];
  for (const gap of all) {
    const last = groups.at(-1);
    const before = last?.at(-1);
    if (last !== undefined && before !== undefined && gap.from - before.to <= 2 * context) last.push(gap);
    else groups.push([gap]);
  }
  return groups;
}

function hunk(group: readonly Gap[], old: readonly string[]): { from: number; lines: string[] } {
  const from = Math.max(0, (group[0]?.from ?? 0) - context);
  const to = Math.min(old.length, (group.at(-1)?.to ?? 0) + context);
  const lines: string[] = [];
  let at = from;
  for (const gap of group) {
    lines.push(...old.slice(at, gap.from).map((line) => ` ${line}`));
    lines.push(...old.slice(gap.from, gap.to).map((line) => `-${line}`), ...gap.lines.map((line) => `+${line}`));
    at = gap.to;
  }
  lines.push(...old.slice(at, to).map((line) => ` ${line}`));
  return { from, lines };
}
